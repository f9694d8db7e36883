// Who heard whom, from the prompts themselves; and the run as it went, step by step.
import { useMemo, useState } from "preact/hooks";
import { useHere, Section } from "./parts";
import { href } from "./route";
import { number, plural, Visible, words } from "./text";

const DRAWN = 16;
const TABLE = 40;

export function Graph() {
  const { model, route } = useHere();
  const { hearing, steps } = model.core;
  const rounds = [...new Set(hearing.links.map(([round]) => round))].sort((one, other) => one - other);
  const [round, setRound] = useState<number | null>(null);
  const links = useMemo(() => {
    const found = new Map<number, number>();
    const { seats, links } = hearing;
    for (const [at, reader, author, count] of links) {
      if (round !== null && at !== round) continue;
      const key = author * seats.length + reader;
      found.set(key, (found.get(key) ?? 0) + count);
    }
    const name = (at: number) => seats[at] ?? "";
    return [...found].map(([key, count]): [string, string, number] => [
      name(Math.floor(key / seats.length)), name(key % seats.length), count,
    ]);
  }, [hearing, round]);
  const seats = model.seats;
  return (
    <Section id="graph" title="Who heard whom" sub="Counted from what stood in each seat's prompts, not from what the protocol says">
      {rounds.length === 0 ? <p class="dim">No seat was shown a message of another.</p> : (
        <>
          {rounds.length > 1 && (
            <div class="switch" role="group" aria-label="Round">
              <button type="button" aria-pressed={round === null} onClick={() => setRound(null)}>all rounds</button>
              {rounds.slice(0, 12).map((each) => (
                <button key={each} type="button" aria-pressed={round === each} onClick={() => setRound(each)}>round {each}</button>
              ))}
            </div>
          )}
          <div class="heard">
            {seats.length > 1 && seats.length <= DRAWN && <Circle seats={seats} links={links} />}
            <Matrix seats={seats} links={links} />
          </div>
        </>
      )}
      <h3 class="small">The course of the run</h3>
      <ol class="course">
        {steps.slice(0, 60).map((each) => (
          <li key={each.step}>
            <a href={href({ ...route, lens: "round", mode: "record", round: String(each.round), q: "", seat: "", role: "", m: "", at: null })}>
              <span class="round">round {each.round}</span>
              <strong>{words(each.stage)}</strong>
              <span class="dim">{plural(each.seats.length, "seat")}, {plural(each.calls, "call")}{each.messages > 0 && `, ${plural(each.messages, "message")}`}</span>
            </a>
          </li>
        ))}
        {steps.length > 60 && <li class="dim">and {steps.length - 60} more steps</li>}
      </ol>
    </Section>
  );
}

type Links = [author: string, reader: string, count: number][];

function Circle({ seats, links }: { seats: string[]; links: Links }) {
  const [wide, high, radius] = [460, 290, 104];
  const place = new Map(seats.map((seat, at) => {
    const angle = (2 * Math.PI * at) / seats.length - Math.PI / 2;
    return [seat, { x: wide / 2 + radius * Math.cos(angle), y: high / 2 + radius * Math.sin(angle), angle }];
  }));
  const most = Math.max(...links.map(([, , count]) => count), 1);
  const shown = links.filter(([author, reader]) => author !== reader && place.has(author) && place.has(reader));
  return (
    <svg class="circle" viewBox={`0 0 ${wide} ${high}`} role="img"
      aria-label="Arrows from who spoke to who was shown it; the table beside it has the figures">
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 .8 7 4 0 7.2z" /></marker>
      </defs>
      {shown.map(([author, reader, count]) => {
        const [from, until] = [place.get(author), place.get(reader)];
        if (!from || !until) return null;
        // Bent a little, so that both ways between two seats are seen.
        const [dx, dy] = [until.x - from.x, until.y - from.y];
        const [mx, my] = [(from.x + until.x) / 2 - dy * 0.1, (from.y + until.y) / 2 + dx * 0.1];
        const cut = (x: number, y: number, toX: number, toY: number) => {
          const way = Math.hypot(toX - x, toY - y) || 1;
          return [toX - ((toX - x) / way) * 11, toY - ((toY - y) / way) * 11];
        };
        const [ex, ey] = cut(mx, my, until.x, until.y);
        const [sx, sy] = cut(mx, my, from.x, from.y);
        return <path key={`${author} ${reader}`} d={`M${sx} ${sy}Q${mx} ${my} ${ex} ${ey}`} stroke-width={0.8 + (2 * count) / most} marker-end="url(#tip)"><title>{`${reader} was shown ${count} of ${author}`}</title></path>;
      })}
      {[...place].map(([seat, at]) => {
        const out = 16;
        const x = at.x + out * Math.cos(at.angle);
        const side = Math.abs(Math.cos(at.angle)) < 0.25 ? "middle" : Math.cos(at.angle) > 0 ? "start" : "end";
        return (
          <g key={seat}>
            <circle cx={at.x} cy={at.y} r={7} />
            <text x={x} y={at.y + out * Math.sin(at.angle) + 4} text-anchor={side}>{seat.length > 15 ? `${seat.slice(0, 14)}…` : seat}</text>
          </g>
        );
      })}
    </svg>
  );
}

function Matrix({ seats, links }: { seats: string[]; links: Links }) {
  const counts = new Map(links.map(([author, reader, count]) => [`${author}\0${reader}`, count]));
  const shown = seats.slice(0, TABLE);
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Who heard whom, as a table">
      <table class="matrix">
        <caption class="unseen">Messages of each seat that each seat was shown</caption>
        <thead>
          <tr><td class="dim">shown to ↓ of →</td>{shown.map((each) => <th key={each} scope="col"><span><Visible text={each} /></span></th>)}</tr>
        </thead>
        <tbody>
          {shown.map((reader) => (
            <tr key={reader}>
              <th scope="row"><Visible text={reader} /></th>
              {shown.map((author) => {
                const count = counts.get(`${author}\0${reader}`);
                return <td key={author} class={author === reader ? "self" : ""}>{count === undefined ? <span class="none">·</span> : number(count)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {seats.length > shown.length && <p class="dim">The first {TABLE} of {seats.length} seats</p>}
    </div>
  );
}
