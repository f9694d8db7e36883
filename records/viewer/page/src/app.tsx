// The page: what is shown at which address, the keys, light and dark, paper.
import { options } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Compare } from "./compare";
import { Conflicts } from "./conflicts";
import { Cost, Trust } from "./cost";
import { Graph } from "./graph";
import { Help } from "./help";
import { useKeys } from "./keys";
import { model } from "./model";
import { Notes } from "./notes";
import { Here } from "./parts";
import { AnswerPart, Dissents, Question } from "./report";
import { go, href, parse, to, useRoute, type Route } from "./route";
import { Runs } from "./runs";
import { Fault, source } from "./source";
import { Visible, visible } from "./text";
import { Transcript } from "./transcript";
import type { Core, Row } from "./types";

/** How often a run that has not ended is looked at again, at least, in milliseconds. */
const FOLLOW = 1000;

export function App() {
  const [route, times] = useRoute();
  const [rows, setRows] = useState<Row[]>([]);
  const [fault, setFault] = useState<Fault | null>(null);
  const [help, setHelp] = useState(false);
  const printing = usePaper();
  const theme = useTheme();
  useEffect(() => {
    source.runs().then((found) => {
      setRows(found);
      const only = found[0];
      if (found.length === 1 && only && parse(location.hash).page === "runs") go(href({ ...parse(""), page: "run", key: only.key }), true);
    }, setFault);
  }, [route.page === "runs" ? times : 0]);
  const [core, wrong] = useCore(route);
  const closeHelp = useCallback(() => setHelp(false), []);
  const made = useMemo(() => (core ? model(core) : null), [core]);
  useKeys({ route, rows, made, help: setHelp, theme: theme.turn });
  useEffect(() => {
    document.title = made && route.page === "run" ? visible(made.core.opening.question).slice(0, 120) : "Folkmoot";
  }, [made, route.page]);
  const many = rows.length > 1;
  return (
    <div class={`page ${route.page} ${many ? "many" : ""}`} data-theme={theme.name}>
      <a class="skip" href={route.page === "run" ? to(route, { sec: "answer" }) : "#/"}>To the answer</a>
      <header class="top noprint">
        <a class="mark" href="#/">Folkmoot</a>
        {route.page === "run" && (
          <nav class="jumps" aria-label="Parts of this page">
            {[["answer", "Answer"], ["conflicts", "Conflicts"], ["transcript", "Transcript"], ["graph", "Graph"], ["cost", "Cost"], ["integrity", "Integrity"]].map(([sec, said]) => (
              <a key={sec} href={to(route, { sec })}>{said}</a>
            ))}
          </nav>
        )}
        <span class="grow" />
        {route.page === "run" && many && <a class="button" href={href({ ...parse(""), page: "compare", key: route.key })}>Compare</a>}
        {route.page === "run" && source.saved(route.key) && <a class="button" href={source.saved(route.key) ?? ""} download={`${route.key}.html`}>Save</a>}
        <button type="button" class="button" onClick={theme.turn} aria-label={`${theme.dark ? "Light" : "Dark"} page`}>{theme.dark ? "Light" : "Dark"}</button>
        <button type="button" class="button" onClick={() => setHelp(true)} aria-label="Keys">?</button>
      </header>
      <Shown {...{ route, times, rows, many, made, fault: fault ?? wrong, printing }} />
      {help && <Help close={closeHelp} />}
    </div>
  );
}

interface ShownProps {
  route: Route;
  times: number;
  rows: Row[];
  many: boolean;
  made: ReturnType<typeof model> | null;
  fault: Fault | null;
  printing: boolean;
}

function Shown({ route, times, rows, many, made, fault, printing }: ShownProps) {
  useArrival(route, times, made !== null);
  if (fault) {
    return (
      <main class="only">
        <p class="fault" role="alert"><Visible text={fault.message} /></p>
        {fault.hint && <p class="dim"><Visible text={fault.hint} /></p>}
        {many && <p><a href="#/">All records</a></p>}
      </main>
    );
  }
  if (route.page === "runs") return <main class="only"><Runs rows={rows} route={route} /></main>;
  if (route.page === "compare") return <main class="only"><Compare first={route.key} second={route.other} rows={rows} /></main>;
  if (!made) return <main class="only"><p class="dim" role="status">reading the record …</p></main>;
  return (
    <Here.Provider value={{ model: made, route, times }}>
      {many && <aside class="noprint"><Runs rows={rows} route={route} aside /></aside>}
      <main>
        {made.core.status === "incomplete" && source.live && <p class="following" role="status">This run has not ended. The page follows it.</p>}
        <Question core={made.core} />
        <AnswerPart />
        <Conflicts />
        <Dissents />
        <Graph />
        <Cost />
        <Trust />
        <Notes />
      </main>
      <Transcript printing={printing} />
    </Here.Provider>
  );
}

/** What the address points at comes into sight, and a reader of the screen hears where it is. */
function useArrival(route: Route, times: number, there: boolean): void {
  useEffect(() => {
    if (!there || route.page !== "run") return;
    const narrow = matchMedia("(max-width: 1099px)").matches;
    const id = route.sec || (route.c && route.lens !== "conflict" ? `c-${route.c}` : narrow && (route.m || route.call) ? "transcript" : "");
    const found = id && document.getElementById(id);
    if (!found) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    requestAnimationFrame(() => {
      found.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
      const box = route.sec === "transcript" ? found.querySelector<HTMLElement>(".scroll") : found;
      box?.focus({ preventScroll: true });
    });
  }, [times, there]);
}

/** The record at an address; of a run that has not ended, again whenever it went on. */
function useCore(route: Route): [Core | null, Fault | null] {
  const key = route.page === "run" ? route.key : "";
  const [found, set] = useState<{ key: string; core: Core | null; fault: Fault | null }>({ key: "", core: null, fault: null });
  const latest = useRef("");
  latest.current = key;
  const core = found.key === key ? found.core : null;
  const read = async () => {
    try {
      const core = await source.core(key);
      if (latest.current === key) set({ key, core, fault: null });
    } catch (why) {
      if (latest.current === key) set({ key, core: null, fault: why as Fault });
    }
  };
  useEffect(() => {
    if (key) void read();
  }, [key]);
  useEffect(() => {
    if (!core || core.status !== "incomplete" || !source.live) return;
    let waiting: ReturnType<typeof setTimeout>;
    const look = async () => {
      const begun = Date.now();
      const tag = await source.tag(key).catch(() => core.tag);
      if (latest.current !== key) return;
      if (tag !== core.tag) await read();
      // A long record takes long to read: never more than half of the time.
      else waiting = setTimeout(look, Math.max(FOLLOW, Date.now() - begun));
    };
    waiting = setTimeout(look, FOLLOW);
    return () => clearTimeout(waiting);
  }, [core]);
  return [core, found.key === key ? found.fault : null];
}

/** Whether the page goes to paper: then all of it is drawn, at once. */
function usePaper(): boolean {
  const [printing, set] = useState(false);
  useEffect(() => {
    const paper = matchMedia("print");
    const change = (now: boolean) => {
      const later = options.debounceRendering;
      options.debounceRendering = (render) => render();
      set(now);
      options.debounceRendering = later;
    };
    const turned = () => change(paper.matches);
    const [before, after] = [() => change(true), () => change(false)];
    paper.addEventListener("change", turned);
    window.addEventListener("beforeprint", before);
    window.addEventListener("afterprint", after);
    return () => {
      paper.removeEventListener("change", turned);
      window.removeEventListener("beforeprint", before);
      window.removeEventListener("afterprint", after);
    };
  }, []);
  return printing;
}

function useTheme(): { name: string; dark: boolean; turn: () => void } {
  const [name, set] = useState("");
  const dark = name ? name === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  useEffect(() => {
    if (name) document.documentElement.dataset.theme = name;
  }, [name]);
  const turn = useCallback(() => set(dark ? "light" : "dark"), [dark]);
  return { name, dark, turn };
}
