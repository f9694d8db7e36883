// Two runs side by side: what each came to, and where they part.
import { useEffect, useState } from "preact/hooks";
import { source } from "./source";
import type { Conflict, Core, Row } from "./types";
import { go, href, parse } from "./route";
import { Level, Status } from "./parts";
import { number, plural, Visible, words } from "./text";

export function Compare({ first, second, rows }: { first: string; second: string; rows: Row[] }) {
  const [cores, set] = useState<[Core, Core] | null>(null);
  const [fault, setFault] = useState("");
  const other = second || rows.find((each) => each.key !== first)?.key || first;
  useEffect(() => {
    set(null);
    Promise.all([source.core(first), source.core(other)]).then((both) => set(both as [Core, Core]), (why: Error) => setFault(why.message));
  }, [first, other]);
  const pick = (at: 0 | 1) => (
    <label>
      <span class="unseen">{at ? "Second run" : "First run"}</span>
      <select value={at ? other : first} onChange={(event) => {
        const key = event.currentTarget.value;
        go(href({ ...parse(""), page: "compare", key: at ? first : key, other: at ? key : other }));
      }}>
        {rows.map((each) => <option key={each.key} value={each.key}>{each.key}</option>)}
      </select>
    </label>
  );
  return (
    <div class="compare">
      <h1>Two runs side by side</h1>
      <div class="both filters">{pick(0)}{pick(1)}</div>
      {fault && <p class="fault" role="alert"><Visible text={fault} /></p>}
      {!cores && !fault && <p class="dim" role="status">reading …</p>}
      {cores && <Both cores={cores} keys={[first, other]} />}
    </div>
  );
}

function Both({ cores, keys }: { cores: [Core, Core]; keys: [string, string] }) {
  const pairs = matched(cores[0].conflicts, cores[1].conflicts);
  const changed = pairs.filter(([one, two]) => !one || !two || differ(one, two).length > 0).length;
  const figures: [string, (core: Core) => string][] = [
    ["protocol", ({ opening }) => `${opening.protocol.name} ${opening.protocol.version}`],
    ["seed", ({ opening }) => String(opening.seed)],
    ["seats", ({ opening }) => opening.parties.map((each) => each.seat).join(", ")],
    ["rounds", ({ run }) => String(run.rounds)],
    ["decision", ({ decision }) => (decision ? `${words(decision.status)} under ${decision.rule}` : "none")],
    ["winner", ({ decision }) => decision?.winner ?? "–"],
    ["tally", ({ decision }) => (decision ? decision.options.map((each) => `${each} ${number(decision.tally[each] ?? 0)}`).join(" · ") : "–")],
    ["conflicts", ({ conflicts }) => String(conflicts.length)],
    ["dissents", ({ dissents }) => String(dissents.length)],
    ["messages", ({ messages }) => number(messages.length)],
    ["calls", ({ ledger }) => number(ledger.total.calls)],
    ["prompt tokens", ({ ledger }) => number(ledger.total.prompt)],
    ["completion tokens", ({ ledger }) => number(ledger.total.completion)],
  ];
  return (
    <>
      <div class="both">
        {cores.map((core, at) => (
          <section key={at} aria-label={at ? "Second run" : "First run"}>
            <h2><a href={href({ ...parse(""), page: "run", key: keys[at] as string })}><Visible text={core.opening.question} /></a></h2>
            <div class="answer" dir="auto"><Visible text={core.text.slice(0, 1500)} />{core.text.length > 1500 && "…"}</div>
          </section>
        ))}
      </div>
      <h2>Figures</h2>
      <div class="wide" tabIndex={0} role="region" aria-label="Figures of both runs">
        <table class="figures">
          <thead><tr><td></td><th scope="col">first</th><th scope="col">second</th><td></td></tr></thead>
          <tbody>
            {figures.map(([name, of]) => {
              const [one, two] = [of(cores[0]), of(cores[1])];
              return (
                <tr key={name} class={one === two ? "" : "differs"}>
                  <th scope="row">{name}</th><td><Visible text={one} /></td><td><Visible text={two} /></td><td class="dim">{one === two ? "" : "≠ differs"}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <h2>Conflicts</h2>
      <p class="dim">{pairs.length ? `${plural(changed, "conflict")} of ${pairs.length} not the same in both. The questions' own are held against each other, others by the words of their issue` : "neither has any"}</p>
      {pairs.slice(0, 200).map(([one, two], at) => <Pair key={at} one={one} two={two} keys={keys} />)}
    </>
  );
}

type Side = Conflict | undefined;

function Pair({ one, two, keys }: { one: Side; two: Side; keys: [string, string] }) {
  const issue = (one ?? two)?.issue ?? "";
  const same = !one || !two || one.issue === two.issue;
  const parts = one && two ? differ(one, two) : [];
  return (
    <article class="card pair">
      {same && <h3><Visible text={issue} /></h3>}
      <div class="both">
        {[one, two].map((each, at) => (
          <div key={at}>
            {each ? (
              <>
                {!same && <h3><Visible text={each.issue} /></h3>}
                <p><a href={href({ ...parse(""), page: "run", key: keys[at] as string, c: each.id })}>{each.id}</a> <Status status={each.status} /> <Level level={each.severity.level} /></p>
                {each.positions.map((p) => <p key={p.id} class="small"><strong><Visible text={p.summary} /></strong> <Visible text={p.parties.join(", ") || "no one any more"} /></p>)}
              </>
            ) : <p class="dim">not in this run</p>}
          </div>
        ))}
      </div>
      <p class="dim small">{!one ? "appeared in the second" : !two ? "only in the first" : parts.length ? `differs in ${parts.join(", ")}` : "the same"}</p>
    </article>
  );
}

function differ(one: Conflict, two: Conflict): string[] {
  const sides = (each: Conflict) => JSON.stringify(each.positions.map((p) => [...p.parties].sort()).sort());
  const tests: [string, boolean][] = [
    ["status", one.status === two.status], ["kind", one.kind === two.kind], ["severity", one.severity.level === two.severity.level],
    ["sides", sides(one) === sides(two)], ["how it ended", one.resolution?.rule === two.resolution?.rule],
    ["what the answer says", one.treatment?.treatment === two.treatment?.treatment],
  ];
  return tests.filter(([, same]) => !same).map(([name]) => name);
}

/** The questions' own conflicts go together; others by the words of their issue. */
function matched(ones: Conflict[], twos: Conflict[]): [Side, Side][] {
  const name = (each: Conflict) => (each.about === "question" && !each.parent ? "\0question" : each.issue.normalize("NFC").toLowerCase().replace(/\s+/g, " "));
  const waiting = new Map<string, Conflict[]>();
  for (const each of twos) waiting.set(name(each), [...(waiting.get(name(each)) ?? []), each]);
  const found: [Side, Side][] = ones.map((each) => [each, waiting.get(name(each))?.shift()]);
  const taken = new Set(found.map(([, two]) => two));
  return [...found, ...twos.filter((each) => !taken.has(each)).map((each): [Side, Side] => [undefined, each])];
}
