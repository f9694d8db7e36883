// The question, the answer sentence by sentence with what is behind it, the decision, the dissents.
import { useMemo, useState } from "preact/hooks";
import type { Core, Span } from "./types";
import type { Model } from "./model";
import { codepoints, number, plural, unit, Visible, when, words } from "./text";
import { C, M, Quote, Section, useHere } from "./parts";

interface Piece {
  id: string;
  start: number;
  end: number;
  text: string;
  spans: Span[];
  cites: string[];
  conflicts: string[];
}

const QUOTED = /“([^”]*)” \[(M\d+)\]/g;

/** The sentences of the answer; what only names a message belongs to the sentence before it. */
function pieces(model: Model): Piece[] {
  const { core } = model;
  const text = core.text;
  const marks = core.answer?.sentences ?? [];
  const quotes = [...text.matchAll(QUOTED)].flatMap((found) => {
    const start = codepoints(text, found.index);
    const span = located(model, found[2] as string, found[1] as string);
    return span ? [{ start, end: start + [...found[0]].length, span }] : [];
  });
  const found: Piece[] = [];
  for (const mark of marks) {
    const before = found.at(-1);
    let said = text.slice(unit(text, mark.start), unit(text, mark.end));
    // The name of a message stands behind its quotation, and so may be cut off from its sentence.
    const behind = before ? (/^(\s*\[M\d+\][.,;]?)+\s*/.exec(said)?.[0] ?? "") : "";
    if (before && behind) {
      before.end = mark.start + [...behind.trimEnd()].length;
      before.text = text.slice(unit(text, before.start), unit(text, before.end));
      said = said.slice(behind.length);
    }
    const start = mark.start + [...behind].length;
    if (said) found.push({ ...mark, start, cites: [], text: said, spans: [], conflicts: [] });
  }
  if (!found.length && text) found.push({ id: "a1", start: 0, end: Infinity, text, cites: [], spans: [], conflicts: [] });
  for (const piece of found) {
    piece.cites = [...piece.text.matchAll(/\[(M\d+)\]/g)].map((each) => each[1] as string);
    const within = quotes.filter((each) => each.start < piece.end && each.end > piece.start);
    piece.spans = within.map((each) => each.span);
    const quoted = new Set(piece.spans.map((each) => each.message));
    piece.cites = [...new Set(piece.cites)].filter((id) => !quoted.has(id));
    const about = [...quoted, ...piece.cites].flatMap((id) => model.conflictsOf.get(id) ?? []);
    piece.conflicts = [...new Set(about.map((each) => each.id))];
  }
  return found;
}

/** Where words of a message stand in it; runs of blanks are one blank in the answer. */
function located(model: Model, id: string, exact: string): Span | null {
  const text = model.messages.get(id)?.text;
  if (text === undefined) return null;
  let from = text.indexOf(exact);
  let length = exact.length;
  if (from < 0 && exact.length < 4000) {
    const loose = exact.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const found = new RegExp(loose.join("\\s+")).exec(text.slice(0, 200_000));
    if (!found) return null;
    [from, length] = [found.index, found[0].length];
  }
  if (from < 0) return null;
  const start = codepoints(text, from);
  return { message: id, start, end: start + [...text.slice(from, from + length)].length, exact: text.slice(from, from + length) };
}

export function Question({ core }: { core: Core }) {
  const { opening, run } = core;
  return (
    <header class="question">
      <p class="eyebrow">
        {words(opening.protocol.name)} · {plural(run.rounds, "round")} · {plural(opening.parties.length, "seat")}
        {" · "}<time dateTime={opening.started}>{when(opening.started)}</time>
        {core.status === "incomplete" && <> · <strong>not ended</strong></>}
      </p>
      <h1 dir="auto"><Visible text={opening.question} /></h1>
      {opening.options && (
        <p class="dim">To choose from: {opening.options.map((each, at) => (
          <>{at > 0 && " · "}<Visible text={each} /></>
        ))}</p>
      )}
      {opening.of_values && <p class="dim">A question of values: nobody is made to win where seats differ.</p>}
      <details class="panel">
        <summary>The panel: {opening.parties.slice(0, 12).map((each) => each.seat).join(" · ")}
          {opening.parties.length > 12 && ` and ${opening.parties.length - 12} more`}</summary>
        <dl>
          {opening.parties.map((each) => (
            <div key={each.seat}>
              <dt><Visible text={each.seat} /> <span class="dim"><Visible text={each.model} /></span></dt>
              <dd>
                {each.statement ? <Visible text={each.statement} /> : <span class="dim">declared no perspective</span>}
                {Object.keys(each.values ?? {}).length > 0 && (
                  <p class="dim">values: {Object.entries(each.values ?? {}).map(([name, weight]) =>
                    `${each.vocabulary?.labels[name] ?? name} ${number(weight)}`).join(" · ")}</p>
                )}
                {each.red_lines?.length ? <p class="dim">red lines: <Visible text={each.red_lines.join(" · ")} /></p> : null}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </header>
  );
}

export function AnswerPart() {
  const { model } = useHere();
  const { core } = model;
  const found = useMemo(() => pieces(model), [model]);
  const [open, setOpen] = useState("");
  const flagged = core.coverage.flagged;
  return (
    <Section id="answer" title="Answer" sub={<Decided core={core} />}>
      <div class="answer">
        {found.map((piece, at) => {
          const broken = at > 0 && core.text.slice(unit(core.text, (found[at - 1] as Piece).end), unit(core.text, piece.start)).includes("\n");
          const behind = piece.spans.length + piece.cites.length;
          return (
            <>
              {broken && <br />}
              <span class={`sentence ${open === piece.id ? "on" : ""}`} dir="auto">
                <Cited piece={piece} />
                {behind > 0 && (
                  <button type="button" class="behind" aria-expanded={open === piece.id} aria-controls={`behind-${piece.id}`}
                    onClick={() => setOpen(open === piece.id ? "" : piece.id)}>
                    {plural(behind, "claim")}<span class="unseen"> behind this sentence</span>
                  </button>
                )}
              </span>{" "}
              {behind > 0 && (
                <span class="claims" id={`behind-${piece.id}`} hidden={open !== piece.id}>
                  {piece.spans.map((span) => <Quote key={`${span.message}${span.start}`} span={span} />)}
                  {piece.cites.map((id) => <p key={id}>names <M id={id} /></p>)}
                  {piece.conflicts.length > 0 && (
                    <p class="dim">contested in {piece.conflicts.map((id, n) => <>{n > 0 && ", "}<C id={id} /></>)}</p>
                  )}
                </span>
              )}
            </>
          );
        })}
      </div>
      {core.answer && (
        <p class="dim small">
          {core.answer.author === "composed" ? "Composed from the record by rule" : <>Written by <Visible text={core.answer.author} /></>}
          {flagged > 0 && <> · <strong>{plural(flagged, "serious conflict")} that it is silent on, or misstates</strong></>}
        </p>
      )}
    </Section>
  );
}

/** A sentence with the names of messages as links, each to the words that it quotes. */
function Cited({ piece }: { piece: Piece }) {
  return (
    <>
      {piece.text.split(/\[(M\d+)\]/).map((part, at) => {
        const span = at % 2 ? piece.spans.find((each) => each.message === part) : undefined;
        return at % 2 ? <span class="cite">[<M id={part} at={span && [span.start, span.end]} />]</span> : <Visible text={part} />;
      })}
    </>
  );
}

function Decided({ core }: { core: Core }) {
  const { decision } = core;
  if (!decision) return <>not decided: the run has not come to its decision</>;
  const ranked = decision.options
    .map((option) => [option, decision.tally[option] ?? 0] as const)
    .sort(([, one], [, other]) => other - one);
  return (
    <>
      <strong>{words(decision.status)}</strong> {decision.decided_by ? <>by <Visible text={decision.decided_by} /></> : <>under {decision.rule}</>}
      {": "}
      {ranked.slice(0, 8).map(([option, count], at) => (
        <>{at > 0 && " · "}<Option text={option} /> {number(count)}</>
      ))}
      {ranked.length > 8 && ` · ${ranked.length - 8} more`}
      {Object.keys(decision.not_valid).length > 0 && (
        <> · no valid ballot: {Object.entries(decision.not_valid).map(([seat, state]) => `${seat} ${words(state)}`).join(", ")}</>
      )}
    </>
  );
}

export function Option({ text }: { text: string }) {
  return /^M\d+$/.test(text) ? <M id={text} /> : <Visible text={text} />;
}

const RATIFIED: Record<string, string> = {
  confirmed: "confirmed as its own", corrected: "corrected by itself",
  unreadable: "not ratified, its reply could not be read", unavailable: "not ratified, it did not reply",
};

export function Dissents() {
  const { core } = useHere().model;
  if (!core.dissents.length) return null;
  const sides = new Map(core.conflicts.flatMap((each) => each.positions.map((p) => [p.id, { p, each }])));
  return (
    <Section id="dissents" title={`Dissent ${core.dissents.length}`} sub="Who does not hold what was decided, in their own words">
      {core.dissents.map((each) => {
        const side = sides.get(each.position);
        return (
          <article class="dissent" key={`${each.seat} ${each.position}`}>
            <h3>
              <Visible text={each.seat} />{" "}
              <span class="dim">
                {side && <>for <Visible text={side.p.summary} /> in <C id={side.each.id} /></>}
                {each.ratified && ` · ${RATIFIED[each.ratified] ?? each.ratified}`}
              </span>
            </h3>
            {each.span ? <Quote span={each.span} /> : <p class="dim">has no words of its own on record</p>}
          </article>
        );
      })}
    </Section>
  );
}
