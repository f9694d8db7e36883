// A second verifier of records, journal/1, which shares no code with the package: docs/record-format.md says the form.
//
//   node verify.mjs RECORD...
//
// For each folder it prints one line of JSON, {folder, ok, lines, head, status, findings: [{line, what}]},
// and it exits with 1 where a record fails. It holds the journal's bytes, chain, order of lines, texts, head
// and quotations; not the fields of each type, and not what the replies come to: folkmoot verify does.

import { createHash } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

const GENESIS = "0".repeat(64);
const LINE_FIELDS = "data,hash,kind,n,prev";
const SPAN_FIELDS = "end,exact,message,message_sha256,start";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

class Fault extends Error {}

const demand = (held, what) => {
  if (!held) throw new Fault(what);
};

// RFC 8785: keys by UTF-16 code units, numbers as ECMAScript prints them, no lone surrogate.
function canonical(value) {
  if (typeof value === "string") {
    demand(value.isWellFormed(), "lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    demand(Number.isFinite(value), "a number that no double holds");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value === "boolean") return String(value);
  const pairs = Object.keys(value)
    .sort()
    .map((name) => `${canonical(name)}:${canonical(value[name])}`);
  return `{${pairs.join(",")}}`;
}

// A file as it lies there: a link, a pipe or a device in its place is refused.
function plain(folder, name) {
  const path = join(folder, name);
  demand(lstatSync(path).isFile(), `${name} is no ordinary file`);
  return readFileSync(path);
}

const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

function parse(bytes) {
  try {
    return JSON.parse(utf8(bytes));
  } catch {
    throw new Fault("not JSON in UTF-8");
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const fields = (value) => Object.keys(value).sort().join(",");

// One line without its newline, which must follow the line whose hash is `prev`.
function unseal(bytes, n, prev) {
  const line = parse(bytes);
  demand(isObject(line) && fields(line) === LINE_FIELDS, "not an object of data, hash, kind, n and prev");
  demand(line.n === n, `numbered ${JSON.stringify(line.n)}`);
  demand(line.prev === prev, "does not follow from the line before it");
  const { hash, ...rest } = line;
  demand(sha256(canonical(rest)) === hash, "its content is not what its hash was taken over");
  demand(Buffer.from(canonical(line)).equals(bytes), "not in canonical form (RFC 8785)");
  return line;
}

class Reading {
  constructor() {
    this.hashes = [GENESIS];
    this.texts = new Set();
    this.calls = new Set();
    this.answered = new Set();
    this.pending = new Set();
    this.keys = new Set();
    this.messages = new Map();
    this.quotations = [];
    this.closed = false;
  }

  take(bytes) {
    const n = this.hashes.length;
    const { kind, data, hash } = unseal(bytes, n, this.hashes[n - 1]);
    demand(Object.hasOwn(Reading.kinds, kind), `unknown kind ${JSON.stringify(kind)}`);
    demand((kind === "opening") === (n === 1), "the opening is the first line and no other");
    demand(!this.closed, "a line after the end of the run");
    demand(isObject(data), "its data is no object");
    Reading.kinds[kind](this, data, n);
    this.hashes.push(hash);
  }

  static kinds = {
    opening: (_, data) => demand(data.journal_schema === "journal/1", "a journal of another version"),
    text(to, { sha256: named, text }) {
      demand(typeof text === "string" && sha256(text) === named, "the text is not what its digest was taken over");
      demand(!to.texts.has(named), "a text that stands here a second time");
      to.texts.add(named);
    },
    call(to, { step, order, segments }) {
      const id = `c${step}.${order}`;
      demand(!to.calls.has(id), `call ${id} stands here a second time`);
      demand(Array.isArray(segments) && segments.every((each) => to.texts.has(each?.text_sha256)), "a call with a text missing");
      to.calls.add(id);
      to.pending.add(id);
    },
    again(to, { call }) {
      demand(to.calls.has(call) && !to.answered.has(call) && !to.pending.has(call), `${call} was not aborted, and yet is asked again`);
      to.pending.add(call);
    },
    reply(to, data, n) {
      const id = `c${data.step}.${data.order}`;
      demand(data.record === "reply", "no reply in a line of kind reply");
      to.key(data);
      demand(to.calls.has(id), `a reply to ${id}, which was never asked`);
      to.answered.add(id);
      to.pending.delete(id);
      to.quote(data, n);
    },
    record(to, data, n) {
      demand(typeof data.record === "string" && data.record !== "reply", "no record in a line of kind record");
      to.key(data);
      if (data.record === "turn") to.messages.set(data.id, data.text);
      to.quote(data, n);
    },
    abort(to, { call }) {
      demand(to.calls.has(call) && !to.answered.has(call), `${call} was not waiting for a reply`);
      to.pending.delete(call);
    },
    resume(to, { lost = [] }) {
      demand(canonical(lost) === canonical([...to.pending]), "other calls were unanswered than it says");
    },
    close(to) {
      to.closed = true;
    },
  };

  key({ step, record, order }) {
    const key = canonical([step, record, order]);
    demand(!this.keys.has(key), `${record} stands here twice`);
    this.keys.add(key);
  }

  // Every quotation of a record, wherever it stands in it.
  quote(value, line) {
    if (typeof value !== "object" || value === null) return;
    if (isObject(value) && fields(value) === SPAN_FIELDS) this.quotations.push({ line, span: value });
    else for (const each of Object.values(value)) this.quote(each, line);
  }

  *misquoted() {
    for (const { line, span } of this.quotations) {
      const text = this.messages.get(span.message);
      // Offsets count codepoints, and a string here counts UTF-16 units.
      const exact = typeof text === "string" && [...text].slice(span.start, span.end).join("");
      if (exact === false || exact !== span.exact || sha256(text) !== span.message_sha256)
        yield { line, what: `quotes ${span.message} otherwise than it stands there` };
    }
  }

  head(folder) {
    try {
      const raw = plain(folder, "head.json");
      const head = parse(raw);
      demand(isObject(head) && fields(head) === "count,hash,schema" && head.schema === "journal/1", "not as it was written");
      demand(Buffer.from(`${canonical(head)}\n`).equals(raw), "not as it was written");
      demand(this.hashes[head.count] === head.hash, `does not name line ${head.count} of this journal`);
      return [];
    } catch (fault) {
      return [{ line: null, what: `head.json: ${fault.message}` }];
    }
  }
}

export function verify(folder) {
  const reading = new Reading();
  let raw;
  try {
    raw = plain(folder, "journal.jsonl");
  } catch (fault) {
    return { folder, ok: false, lines: null, head: null, status: null, findings: [{ line: null, what: fault.message }] };
  }
  const findings = [];
  let from = 0;
  for (let to; (to = raw.indexOf(10, from)) >= 0; from = to + 1) {
    try {
      reading.take(raw.subarray(from, to));
    } catch (fault) {
      if (!(fault instanceof Fault || fault instanceof RangeError)) throw fault;
      findings.push({ line: reading.hashes.length, what: fault.message });
      return { folder, ok: false, lines: null, head: null, status: null, findings };
    }
  }
  const lines = reading.hashes.length - 1;
  if (lines === 0) findings.push({ line: null, what: "nothing was recorded yet" });
  if (from < raw.length) findings.push({ line: lines + 1, what: `cut off, ${raw.length - from} bytes of it are there` });
  findings.push(...reading.head(folder), ...reading.misquoted());
  const status = reading.closed ? "complete" : "unfinished";
  return { folder, ok: findings.length === 0, lines, head: reading.hashes[lines], status, findings };
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  const found = process.argv.slice(2).map(verify);
  for (const each of found) console.log(JSON.stringify(each));
  process.exitCode = found.length > 0 && found.every((each) => each.ok) ? 0 : 1;
}
