// Text from models is data: always a text node, never markup; and what hides in it is shown.
import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";

// The same characters as `folkmoot.visible`: controls, formats, private use, line and paragraph marks,
// and letters that nobody draws.
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\u{e0100}-\u{e01ef}]/u;
const ALL_HIDDEN = new RegExp(`${HIDDEN.source}+`, "gu");

const NAMES: Record<string, string> = {
  "\u200b": "zero-width space", "\u200c": "zero-width non-joiner", "\u200d": "zero-width joiner",
  "\u200e": "left-to-right mark", "\u200f": "right-to-left mark", "\u202a": "left-to-right embedding",
  "\u202b": "right-to-left embedding", "\u202c": "end of direction", "\u202d": "left-to-right override",
  "\u202e": "right-to-left override", "\u2060": "word joiner", "\u2066": "left-to-right isolate",
  "\u2067": "right-to-left isolate", "\u2068": "first strong isolate", "\u2069": "end of isolate",
  "\ufeff": "byte order mark", "\u001b": "escape", "\u0000": "null", "\u00ad": "soft hyphen",
};

/** Letters of a message that are shown before somebody asks for the rest. */
const SHORT = 1200;
/** Letters that one more click shows. */
const MORE = 60_000;
/** Markers that are elements of their own; more would only slow the page down. */
const MARKED = 400;

function marker(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

const spaced = (text: string) => text.replaceAll("\r\n", "\n").replaceAll("\t", "    ");

/** The text with what hides written out, as plain text; line breaks stay. */
export function visible(text: string): string {
  if (/^[ -~\n]*$/.test(text)) return text;
  return spaced(text).replace(ALL_HIDDEN, (run) =>
    Array.from(run, (each) => (each === "\n" ? each : marker(each))).join(""),
  );
}

/** The same with each run of such characters as an element that says what it is. */
export function Visible({ text, q = "" }: { text: string; q?: string }) {
  if (/^[ -~\n]*$/.test(text)) return <Found text={text} q={q} />;
  const clean = spaced(text);
  const parts: ComponentChildren[] = [];
  let from = 0;
  let count = 0;
  for (const run of clean.matchAll(ALL_HIDDEN)) {
    if (/^\n+$/.test(run[0])) continue;
    if (++count > MARKED) break;
    parts.push(<Found text={clean.slice(from, run.index)} q={q} />);
    for (const piece of run[0].split(/(\n+)/)) {
      if (piece.startsWith("\n")) parts.push(piece);
      else if (piece) {
        const said = [...new Set(Array.from(piece, (each) => NAMES[each] ?? "hidden character"))];
        parts.push(<span class="hidden-mark" title={said.slice(0, 4).join(", ")}>{visible(piece)}</span>);
      }
    }
    from = run.index + run[0].length;
  }
  parts.push(<Found text={visible(clean.slice(from))} q={q} />);
  return <>{parts}</>;
}

function Found({ text, q }: { text: string; q: string }) {
  if (!q) return <>{text}</>;
  const parts: ComponentChildren[] = [];
  const low = text.toLowerCase();
  // Letters whose lower case is longer would shift the places: then nothing is marked.
  if (low.length !== text.length) return <>{text}</>;
  let from = 0;
  for (let at = low.indexOf(q); at >= 0 && parts.length < 200; at = low.indexOf(q, from)) {
    parts.push(text.slice(from, at), <mark class="found">{text.slice(at, at + q.length)}</mark>);
    from = at + q.length;
  }
  return <>{parts}{text.slice(from)}</>;
}

/** Where in a JavaScript string a place in codepoints is. */
export function unit(text: string, codepoints: number): number {
  if (!/[\ud800-\udfff]/.test(text)) return Math.min(codepoints, text.length);
  let at = 0;
  for (let n = 0; n < codepoints && at < text.length; n++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

/** How many codepoints stand before a place in a JavaScript string. */
export function codepoints(text: string, end: number): number {
  let n = 0;
  for (let at = 0; at < end; n++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return n;
}

/** A text of any length: short at first, with the quotation that is pointed at marked. */
export function Long({ text, span, q = "" }: { text: string; span?: [number, number] | null; q?: string }) {
  const [more, setMore] = useState(0);
  const start = span ? unit(text, span[0]) : 0;
  const end = span ? unit(text, span[1]) : 0;
  let until = (text.length <= SHORT * 1.5 ? text.length : SHORT) + more;
  if (end > until) until = end + 200;
  const found = q && more === 0 ? text.slice(0, 2_000_000).toLowerCase().indexOf(q) : -1;
  if (found >= until) until = found + q.length + 200;
  until = Math.min(until, text.length);
  // Never between the halves of one character.
  if (until < text.length && /[\udc00-\udfff]/.test(text.charAt(until))) until++;
  const rest = text.length - until;
  return (
    <>
      <div class="said" dir="auto">
        {span && end > start ? (
          <>
            <Visible text={text.slice(0, start)} q={q} />
            <mark class="quoted" data-quoted>
              <Visible text={text.slice(start, end)} q={q} />
            </mark>
            <Visible text={text.slice(end, until)} q={q} />
          </>
        ) : (
          <Visible text={text.slice(0, until)} q={q} />
        )}
        {rest > 0 && "…"}
      </div>
      {rest > 0 && (
        <p class="rest">
          <button type="button" class="quiet" onClick={() => setMore(more + MORE)}>
            show {rest <= MORE ? "all" : `${number(MORE)} more`}
          </button>
          {rest > MORE && (
            <button type="button" class="quiet" onClick={() => setMore(text.length)}>show all</button>
          )}{" "}
          <span class="dim">{number(rest)} characters are not shown</span>
        </p>
      )}
    </>
  );
}

export function number(value: number | undefined | null): string {
  return value === undefined || value === null ? "–" : value.toLocaleString("en-GB", { maximumFractionDigits: 2 });
}

/** Milliseconds in words. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return "–";
  if (ms < 1000) return `${ms} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${(ms / 60_000).toFixed(1)} min`;
}

export const words = (name: string) => name.replaceAll("_", " ");
export const plural = (n: number, one: string, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

export function when(moment: string | undefined): string {
  const at = moment ? new Date(moment) : null;
  if (!at || Number.isNaN(at.getTime())) return "";
  return `${at.toISOString().slice(0, 10)} ${at.toISOString().slice(11, 16)} UTC`;
}
