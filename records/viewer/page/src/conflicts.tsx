// Conflicts, worst first: two sides in their own words, the line over the rounds, what the answer says.
import { useState } from "preact/hooks";
import type { Conflict, Position } from "./types";
import { number, plural, Visible, words } from "./text";
import { C, Level, M, Quote, Section, Status, useHere } from "./parts";
import { to } from "./route";

const FIRST = 20;

export function Conflicts() {
  const { model, route } = useHere();
  const { conflicts, coverage } = model.core;
  const [all, setAll] = useState(false);
  const counts = Object.entries(coverage.by_status).map(([name, n]) => `${n} ${words(name)}`).join(" · ");
  // One that an address points at is always there.
  const pointed = conflicts.findIndex((each) => each.id === route.c);
  const shown = all || pointed >= FIRST ? conflicts : conflicts.slice(0, FIRST);
  return (
    <Section id="conflicts" title={`Conflicts ${conflicts.length || ""}`} sub={counts || "none was found"}>
      {shown.map((each, at) => <Card key={each.id} conflict={each} n={at + 1} />)}
      {shown.length < conflicts.length && (
        <button type="button" onClick={() => setAll(true)}>show {conflicts.length - shown.length} more conflicts</button>
      )}
    </Section>
  );
}

function Card({ conflict, n }: { conflict: Conflict; n: number }) {
  const { route } = useHere();
  const { severity: sev, detection: det, resolution } = conflict;
  const address = to(route, { c: conflict.id });
  const parts = [
    ["breadth", sev.breadth], ["intensity", sev.intensity], ["stakes", sev.stakes], ["answer sensitivity", sev.answer_sensitivity],
  ].filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${number(value as number)}`);
  return (
    <article class={`card ${route.c === conflict.id ? "on" : ""}`} id={`c-${conflict.id}`} aria-labelledby={`t-${conflict.id}`} tabIndex={-1}>
      <header>
        <p class="eyebrow">
          <Status status={conflict.status} /> <Level level={sev.level} />{" "}
          {conflict.kind && <span>over a {words(conflict.kind) === "value" ? "value" : `${words(conflict.kind)} matter`}</span>}
        </p>
        <h3 id={`t-${conflict.id}`}>
          <a href={address}><span class="n">{n}</span> <Visible text={conflict.issue} /></a>
        </h3>
      </header>
      <div class={`sides n${Math.min(conflict.positions.length, 3)}`}>
        {conflict.positions.map((each) => <Side key={each.id} position={each} conflict={conflict} />)}
      </div>
      <Lanes conflict={conflict} />
      <dl class="facts">
        <Tensions conflict={conflict} />
        {conflict.treatment && (
          <div><dt>The answer</dt><dd>
            {TREATED[conflict.treatment.treatment] ?? words(conflict.treatment.treatment)}
            {conflict.treatment.flagged && <strong> (flagged: it is serious)</strong>}
            {conflict.treatment.misstatements.map((each) => <p key={each}><Visible text={each} /></p>)}
          </dd></div>
        )}
        {resolution && (
          <div><dt>Ended by</dt><dd>
            {resolution.rule === "none" ? "nothing" : words(resolution.rule)}
            {resolution.decided_by && <> of <Visible text={resolution.decided_by} /></>}
            {resolution.margin !== undefined && `, margin ${number(resolution.margin)}`}
          </dd></div>
        )}
        {conflict.reopen_if.map((each) => (
          <div key={each.seat}><dt>Reopen if</dt><dd><Visible text={each.seat} />: <Quote span={each.span} /></dd></div>
        ))}
        {conflict.parent && <div><dt>Part of</dt><dd><C id={conflict.parent} /></dd></div>}
        <div><dt>Found by</dt><dd>
          {det.method === "protocol_act" ? "what seats declared" : det.model ? <><Visible text={det.model} /></> : `rule ${det.rule}`}
          {det.confidence !== undefined && `, probability ${number(det.confidence)}`}
          {parts.length > 0 && <span class="dim"> · {parts.join(", ")}</span>}
        </dd></div>
      </dl>
      <p class="small noprint"><a href={to(route, { lens: "conflict", c: conflict.id, mode: "record" })}>Follow it in the transcript</a></p>
    </article>
  );
}

const TREATED: Record<string, string> = {
  addressed: "voices every side", partial: "voices some of the sides", silent: "is silent on it", misstated: "misstates it",
};

function Side({ position, conflict }: { position: Position; conflict: Conflict }) {
  const unheard = position.last_heard ?? {};
  const first = position.held_first.filter((seat) => !position.parties.includes(seat));
  const spans = position.spans.slice(0, 12);
  const at = conflict.positions.indexOf(position);
  return (
    <div class="side">
      <h4><span class="letter" aria-hidden="true">{letter(at)}</span> <Visible text={position.summary} /></h4>
      <p class="who">
        {position.parties.length
          ? position.parties.map((seat, n) => (
            <>{n > 0 && ", "}<Visible text={seat} />{seat in unheard && <span class="dim"> (last heard in round {unheard[seat]})</span>}</>
          ))
          : <span class="dim">no one any more</span>}
        {first.length > 0 && <span class="dim"> · at first also {first.join(", ")}</span>}
      </p>
      {spans.map((span) => <Quote key={`${span.message} ${span.start}`} span={span} />)}
      {position.spans.length > spans.length && <p class="dim">{plural(position.spans.length - spans.length, "more quotation")}</p>}
    </div>
  );
}

const letter = (at: number) => String.fromCharCode(65 + (at % 26));

function Tensions({ conflict }: { conflict: Conflict }) {
  const { model } = useHere();
  const labels = Object.assign({}, ...model.core.opening.parties.map((each) => each.vocabulary?.labels ?? {})) as Record<string, string>;
  if (!conflict.values_in_tension.length) return null;
  const sides = conflict.positions.map((p, at) => {
    const mine = conflict.values_in_tension.filter((each) => each.position === p.id);
    return mine.length ? `${mine.map((each) => labels[each.value] ?? each.value).join(", ")} (${letter(at)})` : "";
  }).filter(Boolean);
  return <div><dt>Values</dt><dd><Visible text={sides.join(" ↔ ")} /></dd></div>;
}

/** Which side each seat was on, round by round, from who held what first and every move since. */
function paths(conflict: Conflict): { rounds: number[]; seats: [string, (number | null)[]][] } {
  const side = new Map(conflict.positions.map((each, at) => [each.id, at]));
  const all = conflict.history.map((each) => each.round);
  const rounds = [...new Set(all)].sort((one, other) => one - other);
  const now = new Map<string, number | null>();
  for (const [at, each] of conflict.positions.entries()) for (const seat of each.held_first) now.set(seat, at);
  const seats = new Map([...now].map(([seat]) => [seat, [] as (number | null)[]]));
  for (const round of rounds) {
    for (const event of conflict.history) {
      if (event.round !== round || event.by === undefined) continue;
      if (event.to_position !== undefined) now.set(event.by, side.get(event.to_position) ?? null);
      else if (event.event === "dropped") now.set(event.by, null);
    }
    for (const [seat, path] of seats) path.push(now.get(seat) ?? null);
  }
  // Where the history does not say how a seat came to its side, its end does.
  const last = rounds.length - 1;
  for (const [at, each] of conflict.positions.entries()) {
    for (const seat of each.parties) {
      const path = seats.get(seat) ?? rounds.map(() => null);
      path[last] = at;
      seats.set(seat, path);
    }
  }
  // Who stays comes first in each lane, so that its line is straight.
  const moves = ([, path]: [string, (number | null)[]]) => Number(new Set(path).size > 1);
  return { rounds, seats: [...seats].sort((one, other) => moves(one) - moves(other)) };
}

const MOST = 24;

function Lanes({ conflict }: { conflict: Conflict }) {
  const { rounds, seats } = paths(conflict);
  const events = (
    <ol class="events">
      {conflict.history.map((each, at) => (
        <li key={at}>
          <span class="round">round {each.round}</span>{" "}
          {each.by && <><Visible text={each.by} /> </>}<strong>{words(each.event)}</strong>
          {each.kind && ` as ${words(each.kind)}`}
          {each.reason && <span class="dim"> {words(each.reason)}</span>}
          {each.cites.map((id) => <> <M id={id} /></>)}
        </li>
      ))}
    </ol>
  );
  if (rounds.length < 2 || seats.length > MOST) return events;
  // In each lane, a seat has a line of its own, so that none hides another.
  const gap = 15;
  const lanes = conflict.positions.length;
  const size = Math.max(2, ...rounds.flatMap((_, r) => conflict.positions.map((__, lane) => seats.filter(([, path]) => path[r] === lane).length)));
  const high = size * gap + 14;
  const [left, wide, right] = [26, Math.min(120, 360 / Math.max(1, rounds.length - 1)), 120];
  const width = left + wide * (rounds.length - 1) + right;
  const y = (at: number, lane: number | null, r: number) => {
    if (lane === null) return null;
    const mates = seats.filter(([, path]) => path[r] === lane).map(([seat]) => seat);
    return 24 + lane * high + mates.indexOf(seats[at]?.[0] ?? "") * gap + 8;
  };
  return (
    <figure class="lanes">
      <svg viewBox={`0 0 ${width} ${28 + lanes * high}`} width={width} height={28 + lanes * high} role="img"
        aria-label={`Which side each seat was on over the rounds: ${seats.map(([seat, path]) => `${seat} ${path.map((p) => (p === null ? "none" : letter(p))).join(" then ")}`).join("; ")}`}>
        {rounds.map((round, r) => <text x={left + r * wide} y={12} class="axis" text-anchor="middle">{round}</text>)}
        {conflict.positions.map((_, lane) => (
          <g>
            <rect x={0} y={22 + lane * high} width={width} height={high - 6} class="lane" />
            <text x={8} y={24 + lane * high + 14} class="letter">{letter(lane)}</text>
          </g>
        ))}
        {seats.map(([seat, path], at) => {
          const dots = path.map((lane, r) => ({ x: left + r * wide, y: y(at, lane, r) })).filter((each) => each.y !== null) as { x: number; y: number }[];
          const moved = new Set(path.filter((each) => each !== null)).size > 1;
          const end = dots.at(-1);
          return (
            <g class={moved ? "path moved" : "path"}>
              <polyline points={dots.map((each) => `${each.x},${each.y}`).join(" ")} />
              {dots.map((each) => <circle cx={each.x} cy={each.y} r={3.2} />)}
              {end && <text x={end.x + 9} y={end.y + 4}>{seat.length > 16 ? `${seat.slice(0, 15)}…` : seat}</text>}
            </g>
          );
        })}
      </svg>
      {events}
    </figure>
  );
}
