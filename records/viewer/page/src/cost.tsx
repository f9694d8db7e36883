// Tokens and time by seat, integrity, and what is missing.
import { useEffect, useState } from "preact/hooks";
import { source } from "./source";
import type { Integrity, Line } from "./types";
import { Section, useHere } from "./parts";
import { to } from "./route";
import { duration, number, plural, Visible, when, words } from "./text";

export function Cost() {
  const { core } = useHere().model;
  const { ledger, times, run } = core;
  const seats = Object.entries(ledger.seats);
  const tokens = (line: Line) => (line.prompt ?? 0) + (line.completion ?? 0);
  const most = Math.max(...seats.map(([, line]) => tokens(line)), 1);
  const took = run.finished ? new Date(run.finished).getTime() - new Date(run.started).getTime() : undefined;
  const all = Object.values(times);
  const sum = (name: "took" | "engine") => all.length && all.every((each) => each[name] !== undefined) ? all.reduce((n, each) => n + (each[name] ?? 0), 0) : undefined;
  return (
    <Section id="cost" title="Tokens and time" sub={<>{took !== undefined && `${duration(took)} from start to end · `}replay: {run.replay}</>}>
      <div class="wide" tabIndex={0} role="region" aria-label="Tokens and time by seat">
        <table class="cost">
          <thead>
            <tr>
              <th scope="col">seat</th><th scope="col">calls</th><th scope="col">prompt</th><th scope="col">cached</th>
              <th scope="col">completion</th><th scope="col" title="From the engine's taking a call to its reply, summed">waited for</th>
              <th scope="col" title="Its part of the time that the engine worked">engine</th><td></td>
            </tr>
          </thead>
          <tbody>
            {seats.map(([seat, line]) => (
              <Row key={seat} name={seat} line={line} took={times[seat]?.took} engine={times[seat]?.engine} share={tokens(line) / most} />
            ))}
          </tbody>
          <tfoot><Row name="total" line={ledger.total} took={sum("took")} engine={sum("engine")} /></tfoot>
        </table>
      </div>
      <p class="dim small">
        {ledger.total.retries > 0 && `asked ${plural(ledger.total.retries, "time")} again · `}
        {ledger.lost !== undefined && `${plural(ledger.lost, "call")} lost at a stop · `}
        {ledger.aborted && `${plural(ledger.aborted.calls, "call")} aborted · `}
        “–” was not measured
      </p>
      <Absences />
    </Section>
  );
}

function Row(props: { name: string; line: Line; took?: number; engine?: number; share?: number }) {
  const { line, share } = props;
  return (
    <tr>
      <th scope="row"><Visible text={props.name} /></th>
      <td>{number(line.calls)}</td><td>{number(line.prompt)}</td><td>{number(line.cached)}</td><td>{number(line.completion)}</td>
      <td>{duration(props.took)}</td><td>{duration(props.engine)}</td>
      <td class="bar" aria-hidden="true">
        {share !== undefined && <svg viewBox="0 0 100 8" preserveAspectRatio="none"><rect width={100 * share} height={8} /></svg>}
      </td>
    </tr>
  );
}

function Absences() {
  const { model, route } = useHere();
  const { absences } = model.core;
  if (!absences.length) return null;
  return (
    <details>
      <summary>{plural(absences.length, "reply is", "replies are")} not what was asked for</summary>
      <ul class="plain">
        {absences.slice(0, 200).map((each) => (
          <li key={each.call}>
            <a class="ref" href={to(route, { mode: "raw", call: each.call })}>{each.call}</a> <Visible text={each.seat} />, {each.purpose}: {words(each.state)}
            {each.error && <> · <Visible text={each.error} /></>}
          </li>
        ))}
      </ul>
    </details>
  );
}

export function Trust() {
  const { model, route } = useHere();
  const [found, set] = useState<Integrity | null>(null);
  const [fault, setFault] = useState("");
  const { core } = model;
  const tag = core.status === "incomplete" ? "" : core.tag;
  useEffect(() => {
    source.integrity(route.key).then(set, (why: Error) => setFault(why.message));
  }, [route.key, tag]);
  const { opening } = core;
  return (
    <Section id="integrity" title="Integrity" sub="What the record can prove of itself">
      <dl class="facts">
        <div><dt>Record</dt><dd>
          {fault && <Visible text={fault} />}
          {!fault && !found && <span class="dim">being verified …</span>}
          {found && (found.ok ? <strong class="good">✓ verified</strong> : <strong class="bad">✗ not verified</strong>)}
          {found?.ok && <span class="dim"> {found.status}, {number(found.lines)} lines</span>}
          {found && !found.ok && (
            <ul class="plain">{found.findings.slice(0, 50).map((each) => (
              <li key={each.what}>{each.line !== null && `line ${each.line}: `}<Visible text={each.what} /></li>
            ))}</ul>
          )}
        </dd></div>
        {found?.head && <div><dt>Head</dt><dd><code class="hash">{found.head}</code></dd></div>}
        {found?.signature && <div><dt>Signature</dt><dd><Visible text={found.signature} /></dd></div>}
        {core.redactions.map((each, at) => (
          <div key={at}><dt>Redacted</dt><dd><Visible text={`${each.messages.join(", ")} by ${each.by}: ${each.reason}`} /> <span class="dim">{when(each.at)}</span></dd></div>
        ))}
        {core.migrations.map((each, at) => <div key={at}><dt>Migrated</dt><dd>from {each.from_schema}</dd></div>)}
        <div><dt>Run</dt><dd><Visible text={opening.run_id} /> · {when(opening.started)}{core.resumed > 0 && ` · resumed ${plural(core.resumed, "time")}`}</dd></div>
        <div><dt>Protocol</dt><dd>{opening.protocol.name} {opening.protocol.version}, seed {opening.seed}<p class="dim"><Visible text={Object.entries(opening.protocol.params).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(" · ")} /></p></dd></div>
        <div><dt>Models</dt><dd>{opening.models.map((each) => (
          <p key={String(each.name)}><Visible text={String(each.name)} /> <span class="dim"><Visible text={[each.source, each.revision, each.weights_sha256 && `weights ${String(each.weights_sha256).slice(0, 12)}…`, each.adapter_sha256 && `adapter ${String(each.adapter_sha256).slice(0, 12)}…`].filter(Boolean).join(" · ")} /></span></p>
        ))}</dd></div>
        <div><dt>Versions</dt><dd class="dim"><Visible text={Object.entries(opening.versions).map(([name, version]) => `${name} ${version}`).join(" · ")} /></dd></div>
      </dl>
      <p class="dim small">
        Verified means: whole and unchanged since the head was noted elsewhere, and true to itself. It does not say who wrote it. <code>folkmoot verify</code> also does the run again from its replies.
      </p>
    </Section>
  );
}
