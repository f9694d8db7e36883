// What was asked and answered: a prompt piece by piece as the seat was shown it, or the raw record.
import { useEffect, useMemo, useState } from "preact/hooks";
import { source } from "./source";
import type { Call, Calls } from "./types";
import { M, useHere } from "./parts";
import { href, to } from "./route";
import { duration, Long, number, plural, Visible, words } from "./text";
import { Virtual } from "./virtual";

const kept = new Map<string, Promise<Calls>>();

export function callsOf(key: string, tag: string): Promise<Calls> {
  const name = `${key} ${tag}`;
  let found = kept.get(name);
  if (!found) {
    kept.clear();
    kept.set(name, (found = source.calls(key)));
  }
  return found;
}

export function Asked({ printing }: { printing: boolean }) {
  const { model, route, times } = useHere();
  const [calls, setCalls] = useState<Calls | null>(null);
  const [fault, setFault] = useState("");
  useEffect(() => {
    callsOf(route.key, model.core.tag ?? "").then(setCalls, (why: Error) => setFault(why.message));
  }, [route.key, model.core.tag]);
  const seen = route.mode === "seen";
  const seat = seen ? route.as || model.seats[0] || "" : route.seat;
  const rows = useMemo(() => (calls ? filtered(calls, seat, route.round, route.q) : []), [calls, seat, route.round, route.q]);
  const target = useMemo(() => {
    if (route.call) return route.call;
    if (!route.m || !calls) return "";
    if (!seen) return model.messages.get(route.m)?.call ?? "";
    return rows.find((each) => each.pieces.some((at) => calls.pieces[at]?.[2] === route.m))?.id ?? "";
  }, [rows, route.call, route.m, seen]);
  if (fault) return <p class="fault" role="alert"><Visible text={fault} /></p>;
  if (!calls) return <p class="dim" role="status">reading the calls …</p>;
  const missed = seen && route.m && !target;
  return (
    <>
      <p class="count dim" role="status">
        {plural(rows.length, "call")}
        {seen && <> to <Visible text={seat} />: what it was shown, and what it said</>}
        {missed && <> · <strong>{route.m} was never shown to <Visible text={seat} /></strong></>}
      </p>
      <Virtual rows={rows} keyOf={(row) => row.id} target={target} times={times} label="Calls" whole={printing && rows.length < 500}
        draw={(row) => (seen ? <Seen call={row} calls={calls} before={previous(rows, row)} /> : <Raw call={row} calls={calls} open={row.id === target} />)} />
    </>
  );
}

function filtered(calls: Calls, seat: string, round: string, query: string): Call[] {
  const q = query.trim().toLowerCase();
  const texts = q ? new Set(calls.texts.flatMap((text, at) => (text.toLowerCase().includes(q) ? [at] : []))) : null;
  return calls.calls.filter(
    (call) =>
      (!seat || call.seat === seat) &&
      (!round || String(call.round) === round) &&
      (!texts || (call.reply?.text ?? "").toLowerCase().includes(q) || call.pieces.some((at) => texts.has(calls.pieces[at]?.[1] ?? -1))),
  );
}

const order = new WeakMap<Call[], Map<Call, number>>();
function previous(rows: Call[], row: Call): Call | undefined {
  let places = order.get(rows);
  if (!places) order.set(rows, (places = new Map(rows.map((each, at) => [each, at]))));
  return rows[(places.get(row) ?? 0) - 1];
}

function Head({ call }: { call: Call }) {
  const { route } = useHere();
  const used = call.reply?.usage;
  return (
    <header>
      <a class="ref" href={href({ ...route, call: call.id, m: "", at: null })}>{call.id}</a> <strong><Visible text={call.seat} /></strong>{" "}
      <span class="dim">
        round {call.round} · {call.stage} · {call.purpose}{call.about && <> · about <M id={call.about} /></>} · <Visible text={call.model} />
        {used && ` · ${number(used.prompt)} + ${number(used.completion)} tokens`}
        {call.reply?.took_ms !== undefined && ` · ${duration(call.reply.took_ms)}`}
      </span>
    </header>
  );
}

function Seen({ call, calls, before }: { call: Call; calls: Calls; before?: Call }) {
  const { route, model } = useHere();
  const [all, setAll] = useState(false);
  const dropped = new Set(call.reply?.dropped ?? []);
  // What a prompt shares with the one before it, from its start on, is said once.
  let same = 0;
  while (before && same < call.pieces.length && call.pieces[same] === before.pieces[same]) same++;
  const holds = (at: number) => route.m !== "" && calls.pieces[at]?.[2] === route.m;
  const folded = !all && same > 1 && !call.pieces.slice(0, same).some(holds) ? same : 0;
  return (
    <article class={`call ${route.call === call.id ? "on" : ""}`} data-call={call.id}>
      <Head call={call} />
      {folded > 0 && (
        <p class="rest"><button type="button" class="quiet" onClick={() => setAll(true)}>the same {folded} pieces as in {before?.id}</button></p>
      )}
      {call.pieces.slice(folded).map((at, n) => {
        const [role, text, label] = calls.pieces[at] ?? ["", 0, "", 0];
        const gone = dropped.has(label);
        return (
          <div key={n} class={`piece ${role} ${holds(at) ? "on" : ""} ${gone ? "gone" : ""}`}>
            <p class="label">
              {model.messages.has(label) ? <M id={label} /> : label || role} <span class="dim">{role}{gone && " · left out: the context was too small"}</span>
            </p>
            <Long text={calls.texts[text] ?? ""} q={route.q.trim().toLowerCase()} />
          </div>
        );
      })}
      <Said call={call} />
    </article>
  );
}

function Said({ call }: { call: Call }) {
  const { route } = useHere();
  const { reply } = call;
  if (!reply) return <p class="dim">no reply on record</p>;
  const weighed = reply.logprobs && call.options?.map((each, at) => `${each.trim()} ${number(Math.exp(reply.logprobs?.[at] ?? -9999))}`);
  return (
    <div class="piece reply">
      <p class="label">reply <span class="dim">{reply.state !== "ok" && words(reply.state)}</span></p>
      {weighed ? <p><Visible text={weighed.join(" · ")} /></p> : <Long text={reply.text ?? ""} q={route.q.trim().toLowerCase()} />}
      {reply.error && <p class="dim"><Visible text={reply.error} /></p>}
    </div>
  );
}

function Raw({ call, calls, open }: { call: Call; calls: Calls; open: boolean }) {
  const { route } = useHere();
  const [clicked, setClicked] = useState<boolean | null>(null);
  const shown = clicked ?? open;
  return (
    <article class={`call ${open ? "on" : ""}`} data-call={call.id}>
      <Head call={call} />
      <p class="rest">
        <button type="button" class="quiet" aria-expanded={shown} onClick={() => setClicked(!shown)}>{shown ? "hide" : "show"} request and reply</button>{" "}
        <a class="small" href={to(route, { mode: "seen", as: call.seat, call: call.id })}>as it was shown</a>
      </p>
      {shown && <Json call={call} calls={calls} />}
    </article>
  );
}

function Json({ call, calls }: { call: Call; calls: Calls }) {
  const { pieces, reply, ...asked } = call;
  const segments = pieces.map((at) => {
    const [role, text, label, drop] = calls.pieces[at] ?? ["", 0, "", 0];
    return { role, label, drop, text: calls.texts[text] ?? "" };
  });
  return (
    <>
      <h4>Request</h4>
      <Code name="Request" value={{ ...asked, segments }} />
      <h4>Reply</h4>
      <Code name="Reply" value={reply ?? null} />
    </>
  );
}

function Code({ value, name }: { value: unknown; name: string }) {
  return <div class="raw" tabIndex={0} role="region" aria-label={name}><Long text={JSON.stringify(value, null, 2)} /></div>;
}
