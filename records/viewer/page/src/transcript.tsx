// The transcript: three lenses on the same events, and three ways to see one: as it stands on record, as
// one seat was shown it, and word for word as it was asked and answered.
import { useMemo } from "preact/hooks";
import { entries, type Entry } from "./model";
import { C, M, useHere } from "./parts";
import { go, href, to, type Lens, type Mode } from "./route";
import { Asked } from "./asked";
import { Long, number, plural, Visible, words } from "./text";
import { Virtual } from "./virtual";
import type { Message } from "./types";

const LENSES: [Lens, string][] = [["round", "By round"], ["seat", "By seat"], ["conflict", "By conflict"]];
const MODES: [Mode, string][] = [["record", "The record"], ["seen", "As a seat saw it"], ["raw", "Raw"]];
const PAPER = 3000;

export function Transcript({ printing }: { printing: boolean }) {
  const here = useHere();
  const { model, route } = here;
  const { mode } = route;
  return (
    <section id="transcript" class="transcript" aria-labelledby="transcript-title">
      <header class="tools">
        <h2 id="transcript-title">Transcript</h2>
        <div class="switch" role="group" aria-label="How it is seen">
          {MODES.map(([name, said]) => (
            <a key={name} href={href({ ...route, mode: name, as: route.as || (name === "seen" ? model.seats[0] ?? "" : "") })}
              aria-current={mode === name ? "true" : undefined}>{said}</a>
          ))}
        </div>
        {mode === "record" && (
          <div class="switch" role="group" aria-label="Order">
            {LENSES.map(([name, said]) => (
              <a key={name} href={href({ ...route, lens: name })} aria-current={route.lens === name ? "true" : undefined}>{said}</a>
            ))}
          </div>
        )}
        <Filters />
      </header>
      {mode === "record" ? <OnRecord printing={printing} /> : <Asked printing={printing} />}
    </section>
  );
}

function Filters() {
  const { model, route } = useHere();
  const change = (name: "seat" | "round" | "role" | "as") => (event: Event) =>
    go(href({ ...route, [name]: (event.target as HTMLSelectElement).value }), true);
  const pick = (name: "seat" | "round" | "role", what: string, values: string[]) => (
    <label>
      <span class="unseen">{what}</span>
      <select value={route[name]} onChange={change(name)}>
        <option value="">{what}: all</option>
        {values.map((each) => <option key={each} value={each}>{name === "round" ? `round ${each}` : each}</option>)}
      </select>
    </label>
  );
  return (
    <div class="filters">
      <label class="search">
        <span class="unseen">Search the transcript</span>
        <input type="search" id="search" placeholder="Search  /" value={route.q}
          onInput={(event) => go(href({ ...route, q: event.currentTarget.value, m: "", at: null }), true)} />
      </label>
      {route.mode === "seen" ? (
        <label>
          <span class="unseen">Seat whose eyes these are</span>
          <select id="as" value={route.as} onChange={change("as")}>
            {model.seats.map((each) => <option key={each} value={each}>{each}</option>)}
          </select>
        </label>
      ) : pick("seat", "seat", model.seats)}
      {pick("round", "round", model.rounds.map(String))}
      {route.mode === "record" && pick("role", "role", model.roles)}
    </div>
  );
}

function OnRecord({ printing }: { printing: boolean }) {
  const here = useHere();
  const { model, route, times } = here;
  const { lens, q, seat, round, role } = route;
  const rows = useMemo(() => entries(model, route), [model, lens, q, seat, round, role]);
  const found = useMemo(() => new Set(rows.flatMap((each) => (each.kind === "message" ? [each.message.id] : []))).size, [rows]);
  // Under the lens of conflicts a message stands in each that quotes it: the first is gone to.
  const target = useMemo(() => {
    if (route.m) return rows.find((each) => each.kind === "message" && each.message.id === route.m)?.key ?? "";
    return route.lens === "conflict" ? route.c : "";
  }, [rows, route.m, route.c, route.lens]);
  const total = model.core.messages.length;
  return (
    <>
      <p class="count dim" role="status">
        {found === total ? plural(total, "message") : `${number(found)} of ${plural(total, "message")}`}
        {found < total && <> · <a href={href({ ...route, q: "", seat: "", round: "", role: "" })}>show all</a></>}
      </p>
      <Virtual rows={rows} keyOf={(row) => row.key} draw={(row) => <Shown entry={row} />} target={target} times={times}
        label="Messages" whole={printing && rows.length <= PAPER} />
      {printing && rows.length > PAPER && <p>The transcript has {number(total)} messages and is not printed.</p>}
    </>
  );
}

function Shown({ entry }: { entry: Entry }) {
  if (entry.kind === "head") {
    return (
      <h3 class="head"><Visible text={entry.title} /> <span class="dim">{entry.sub}</span></h3>
    );
  }
  if (entry.kind === "event") {
    return (
      <p class="event">
        <span class="label">{entry.label}</span>{" "}
        {entry.said.map((each) => (each.m ? <> <M id={each.m} />{each.text === each.m ? "" : <Visible text={each.text.slice(each.m.length)} />}</> : <Visible text={each.text} />))}
      </p>
    );
  }
  return <One message={entry.message} why={entry.why} />;
}

function One({ message, why }: { message: Message; why?: string }) {
  const { model, route } = useHere();
  const on = route.m === message.id;
  const acts = model.actsOf.get(message.id) ?? [];
  const issues = model.issuesOf.get(message.id) ?? [];
  const conflicts = model.conflictsOf.get(message.id) ?? [];
  const reader = route.as || model.seats.find((each) => each !== message.seat) || message.seat;
  return (
    <article class={`message ${on ? "on" : ""}`} data-m={message.id} aria-label={`${message.id}, ${message.seat}`}>
      <header>
        <a class="ref" href={href({ ...route, m: message.id, at: null, c: "", call: "", sec: "" })} aria-current={on ? "true" : undefined}>{message.id}</a>{" "}
        <strong><Visible text={message.seat} /></strong>{" "}
        <span class="dim">
          round {message.round} · {words(message.role)}
          {message.answer !== undefined && <> · for <Visible text={message.answer} /></>}
          {message.state !== "valid" && ` · ${words(message.state)}`}
          {message.replies_to.length > 0 && <> · on {message.replies_to.slice(0, 6).map((id) => <> <M id={id} /></>)}{message.replies_to.length > 6 && " …"}</>}
          {why && <> · <Visible text={why} /></>}
        </span>
      </header>
      {message.text ? <Long text={message.text} span={on ? route.at : null} q={route.q.trim().toLowerCase()} /> : <p class="dim">no words</p>}
      {(acts.length > 0 || issues.length > 0 || conflicts.length > 0) && (
        <p class="tags">
          {acts.map((each) => <span key={each.id} class="tag">{words(each.act)}{each.about && <> <M id={each.about} /></>}</span>)}
          {issues.map((each) => <span key={each.id} class="tag">objects to <M id={each.about} />: <Visible text={each.type} /></span>)}
          {conflicts.slice(0, 5).map((each) => <span key={each.id} class="tag"><C id={each.id} /></span>)}
        </p>
      )}
      {on && (
        <p class="ways small">
          <a href={to(route, { mode: "seen", as: reader, m: message.id })}>As <Visible text={reader} /> saw it</a>
          <a href={to(route, { mode: "raw", call: message.call })}>Raw request and reply</a>
          <a href={to(route, { m: message.id, sec: "notes" })}>Annotate</a>
        </p>
      )}
    </article>
  );
}
