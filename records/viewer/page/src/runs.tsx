// The runs of a folder, worst conflicts first.
import { useMemo, useState } from "preact/hooks";
import type { Row } from "./types";
import { href, parse, type Route } from "./route";
import { number, plural, Visible, when, words } from "./text";

const MOST = 300;

interface Props {
  rows: Row[];
  route: Route;
  /** In the margin of a run: shorter. */
  aside?: boolean;
}

export function Runs({ rows, route, aside = false }: Props) {
  const [q, setQ] = useState("");
  const [sort, setSort] = useState("worst");
  const shown = useMemo(() => {
    const low = q.trim().toLowerCase();
    const found = low
      ? rows.filter((each) => [each.key, each.question, each.protocol, each.decision, each.status, each.winner].join(" ").toLowerCase().includes(low))
      : [...rows];
    const by: Record<string, (row: Row) => number | string> = {
      worst: (row) => -(row.worst ?? 0), newest: (row) => row.started ?? "", tokens: (row) => -(row.tokens ?? 0),
    };
    const value = by[sort] ?? by.worst;
    if (value && sort !== "worst") found.sort((one, other) => (value(one) < value(other) ? -1 : value(one) > value(other) ? 1 : 0));
    return sort === "newest" ? found.reverse() : found;
  }, [rows, q, sort]);
  return (
    <nav class={aside ? "shelf aside" : "shelf"} aria-label="Records">
      {!aside && <h1>Records</h1>}
      <div class="filters">
        <label class="search"><span class="unseen">Search the records</span>
          <input type="search" id={aside ? "search-runs" : "search"} placeholder={aside ? "Search records" : "Search records  /"} value={q} onInput={(event) => setQ(event.currentTarget.value)} /></label>
        <label><span class="unseen">Order</span>
          <select value={sort} onChange={(event) => setSort(event.currentTarget.value)}>
            <option value="worst">worst conflicts first</option><option value="newest">newest first</option><option value="tokens">most tokens first</option>
          </select></label>
      </div>
      <p class="dim small" role="status">{shown.length === rows.length ? plural(rows.length, "record") : `${number(shown.length)} of ${plural(rows.length, "record")}`}</p>
      <ul>
        {shown.slice(0, MOST).map((row) => (
          <li key={row.key}>
            <a href={href({ ...parse(""), page: "run", key: row.key })} aria-current={route.key === row.key ? "page" : undefined}>
              <span class="title" dir="auto"><Visible text={row.question ?? row.key} /></span>
              {row.fault ? <span class="dim"><Visible text={row.fault} /></span> : (
                <span class="dim">
                  {row.protocol} · {row.status === "incomplete" ? "not ended" : <Outcome row={row} />}
                  {" · "}{row.conflicts === undefined ? "" : <Open row={row} />}
                  {row.tokens !== undefined && ` · ${number(row.tokens)} tokens`}
                  {!aside && row.started && ` · ${when(row.started)}`}
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      {shown.length > MOST && <p class="dim">The first {MOST}; search to find the others.</p>}
      {!aside && !shown.length && <p>No record matches.</p>}
    </nav>
  );
}

function Outcome({ row }: { row: Row }) {
  const won = row.winner && !/^M\d+$/.test(row.winner) ? row.winner : "";
  return <>{words(row.decision ?? "no decision")}{won && <>: <Visible text={won} /></>}</>;
}

function Open({ row }: { row: Row }) {
  if (!row.conflicts) return <>no conflict</>;
  const level = Math.floor((row.worst ?? 0) / 1000);
  return (
    <>
      {plural(row.conflicts, "conflict")}, {row.unsettled ? `${row.unsettled} unsettled` : "all settled"}
      {level > 0 && <> <span aria-hidden="true">{"▮".repeat(level)}{"▯".repeat(3 - level)}</span><span class="unseen">severity {level} of 3</span></>}
    </>
  );
}
