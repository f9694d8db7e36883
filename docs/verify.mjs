// A second verifier of records, journal/1 and journal/2, which shares no code with the package:
// docs/record-format.md says the form.
//
//   node verify.mjs [--key PUB]... [--head HASH]... [--heads FILE] [--anchored] RECORD...
//
// For each folder it prints one line of JSON, {folder, ok, lines, head, status, redacted, anchors, signed_by,
// findings: [{line, what}]}, and it exits with 1 where a record fails; with --anchored also where nothing from
// outside holds one. It holds the journal's bytes, chain, order of lines, texts, head, redactions, quotations,
// signatures and kept heads, and the derived files that are there; not the fields of each type, not
// `first_answers` of conflicts.json, and not what the replies come to: folkmoot verify does.

import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const GENESIS = "0".repeat(64);
const LINE_FIELDS = "data,hash,kind,n,prev";
const SPAN_FIELDS = "end,exact,message,message_sha256,start";
const STATEMENT_FIELDS = "at,count,hash,journal,opening,run_id,signs";
const HASH = /^[0-9a-f]{64}$/;
const MASK = "\u2588";
const VERSIONS = ["journal/1", "journal/2"];
// What comes before the 32 bytes of an Ed25519 key in its DER form.
const DER = Buffer.from("302a300506032b6570032100", "hex");
const TYPES = ["reply", "check", "filtering", "stance", "move", "turn", "issue", "act", "ballot", "relation"];
TYPES.push("restatement", "conflict", "decision", "settlement", "ratification", "reopen_if", "answer");

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

// One line without its newline, which must follow the line whose hash is `prev`. The hash of a line from which
// text was taken is the one that it had before; the line after it names that, and a redaction what stands there.
function unseal(bytes, n, prev, redactable = true) {
  const line = parse(bytes);
  const taken = redactable && isObject(line) && Object.hasOwn(line, "redacted");
  const named = isObject(line) && fields(line) === (taken ? `${LINE_FIELDS},redacted` : LINE_FIELDS);
  demand(named, "not an object of data, hash, kind, n and prev");
  demand(line.n === n, `numbered ${JSON.stringify(line.n)}`);
  demand(line.prev === prev, "does not follow from the line before it");
  const { hash, ...rest } = line;
  if (taken) {
    demand(typeof hash === "string" && HASH.test(hash), "redacted, and its hash is none");
    const at = line.redacted;
    demand(Array.isArray(at) && at.length > 0 && new Set(at).size === at.length, "redacted, and it does not say where");
    for (const each of at) demand(gone(line.data, each), "redacted at a place where nothing is gone");
  } else demand(sha256(canonical(rest)) === hash, "its content is not what its hash was taken over");
  demand(Buffer.from(canonical(line)).equals(bytes), "not in canonical form (RFC 8785)");
  return line;
}

// Whether a JSON pointer names a string with something masked, a message's digest, or a vector that is not there.
function gone(value, pointer) {
  if (typeof pointer !== "string" || !pointer.startsWith("/")) return false;
  for (const part of pointer.slice(1).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (isObject(value) && !Object.hasOwn(value, name)) return pointer === "/vector";
    if (Array.isArray(value) ? !/^[0-9]+$/.test(name) || Number(name) >= value.length : !isObject(value)) return false;
    value = value[Array.isArray(value) ? Number(name) : name];
  }
  return typeof value === "string" && (value.includes(MASK) || pointer.endsWith("/message_sha256"));
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
    this.closed = null;
    this.aborts = [];
    this.lost = 0;
    this.people = new Set();
    this.redacted = new Map();
    this.said = new Map();
    this.after = 0;
    this.records = [];
  }

  get version() {
    return this.after > 0 || this.redacted.size > 0 ? VERSIONS[1] : VERSIONS[0];
  }

  take(bytes) {
    const n = this.hashes.length;
    const { kind, data, hash, redacted } = unseal(bytes, n, this.hashes[n - 1]);
    demand(Object.hasOwn(Reading.kinds, kind), `unknown kind ${JSON.stringify(kind)}`);
    demand((kind === "opening") === (n === 1), "the opening is the first line and no other");
    const after = kind === "redaction" || kind === "migration";
    demand(!this.closed || after, "a line after the end of the run");
    demand(this.after === 0 || after, "a line after a redaction or migration");
    demand(isObject(data), "its data is no object");
    if (redacted) {
      demand(["text", "call", "reply", "record"].includes(kind), "a line of a kind that is never redacted");
      this.redacted.set(n, sha256(bytes));
    }
    Reading.kinds[kind](this, data, n);
    this.hashes.push(hash);
  }

  static kinds = {
    opening(to, data) {
      const version = JSON.stringify(data.journal_schema);
      demand(data.journal_schema === VERSIONS[0], `of version ${version}, and this verifier reads ${VERSIONS.join(" and ")}`);
      to.opening = data;
    },
    text(to, { sha256: named, text }, n) {
      const own = typeof text === "string" && (to.redacted.has(n) || sha256(text) === named);
      demand(own, "the text is not what its digest was taken over");
      demand(!to.texts.has(named), "a text that stands here a second time");
      to.texts.add(named);
    },
    call(to, { step, order, segments, model }) {
      const id = `c${step}.${order}`;
      demand(!to.calls.has(id), `call ${id} stands here a second time`);
      demand(Array.isArray(segments) && segments.every((each) => to.texts.has(each?.text_sha256)), "a call with a text missing");
      to.calls.add(id);
      if (model === "human") to.people.add(id);
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
      to.records.push(data);
      to.quote(data, n);
    },
    record(to, data, n) {
      demand(typeof data.record === "string" && data.record !== "reply", "no record in a line of kind record");
      to.key(data);
      to.records.push(data);
      if (data.record === "turn") to.messages.set(data.id, data.text);
      to.quote(data, n);
    },
    abort(to, { call, usage }) {
      demand(to.calls.has(call) && !to.answered.has(call), `${call} was not waiting for a reply`);
      to.aborts.push({ usage });
      to.pending.delete(call);
    },
    resume(to, { lost = [] }) {
      demand(canonical(lost) === canonical([...to.pending]), "other calls were unanswered than it says");
      to.lost += lost.filter((each) => !to.people.has(each)).length;
    },
    close(to, data) {
      to.closed = data;
    },
    redaction(to, { lines }) {
      demand(Array.isArray(lines) && lines.length > 0, "names no lines");
      const named = lines.map((each) => each?.n);
      const sorted = named.every((n, at) => to.redacted.has(n) && (at === 0 || n > named[at - 1]));
      demand(sorted, "names other lines than those from which text was taken");
      for (const { n, sha256: digest } of lines) to.said.set(n, digest);
      to.after += 1;
    },
    migration(to, { head, lines, from_schema: from, to_schema: next }, n) {
      demand(head === to.hashes[n - 1] && lines === n - 1, "names another journal than the lines before it");
      demand(from === VERSIONS[to.after > 0 ? 1 : 0] && next === VERSIONS[1], "names other versions than those before and after it");
      to.after += 1;
    },
  };

  key({ step, record, order }) {
    const key = canonical([step, record, order]);
    demand(!this.keys.has(key), `${record} stands here twice`);
    this.keys.add(key);
  }

  // Every line from which text was taken stands as the last redaction that names it says.
  finish() {
    for (const [n, digest] of this.redacted)
      if (this.said.get(n) !== digest) return n;
    return null;
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

  head(read) {
    try {
      const raw = read("head.json");
      const head = parse(raw);
      demand(isObject(head) && fields(head) === "count,hash,schema", "not as it was written");
      const known = VERSIONS.includes(head.schema);
      demand(known, `of version ${JSON.stringify(head.schema)}, and this verifier reads ${VERSIONS.join(" and ")}`);
      demand(head.schema === this.version || head.schema === VERSIONS[0], "of another version than the journal");
      demand(Buffer.from(`${canonical(head)}\n`).equals(raw), "not as it was written");
      demand(this.hashes[head.count] === head.hash, `does not name line ${head.count} of this journal`);
      return [];
    } catch (fault) {
      return [{ line: null, what: `head.json: ${fault.message}` }];
    }
  }
}

// Where the file of a signature, or one of kept heads, is not what it has to be.
const whole = (held) => demand(held, "not as it was written");

// What is wrong with something from outside that names line `count` of a journal; null if nothing is.
function off(reading, { count, hash }, how) {
  const lines = reading.hashes.length - 1;
  if (count > lines) return `cut: ${count} lines were ${how}, and ${lines} are there`;
  return reading.hashes[count] === hash ? null : `rewritten: line ${count} is not the one that was ${how}`;
}

function signatures(read) {
  let raw;
  try {
    raw = read("signature.json");
  } catch (fault) {
    if (fault.code === "ENOENT") return [];
    throw fault;
  }
  const file = parse(raw);
  whole(isObject(file) && fields(file) === "schema,signatures" && file.schema === "signature/1");
  whole(Array.isArray(file.signatures) && file.signatures.length > 0);
  whole(Buffer.from(`${canonical(file)}\n`).equals(raw));
  for (const each of file.signatures) {
    whole(isObject(each) && fields(each) === "public_key,signature,statement" && isObject(each.statement));
    const { by, ...rest } = each.statement;
    whole((by === undefined || typeof by === "string") && fields(rest) === STATEMENT_FIELDS);
    whole(rest.signs === "folkmoot record/1" && Number.isInteger(rest.count) && rest.count > 0);
    whole(HASH.test(each.public_key) && /^[0-9a-f]{128}$/.test(each.signature));
  }
  return file.signatures;
}

const fingerprintOf = (key) => sha256(key);

function faultOf({ statement, public_key: hex, signature }, reading) {
  const key = createPublicKey({ key: Buffer.concat([DER, Buffer.from(hex, "hex")]), format: "der", type: "spki" });
  const genuine = verifySignature(null, Buffer.from(canonical(statement)), key, Buffer.from(signature, "hex"));
  if (!genuine) return "the key did not sign what stands there";
  if (!VERSIONS.includes(statement.journal)) return `it signs a journal of version ${JSON.stringify(statement.journal)}`;
  if (statement.run_id !== reading.opening?.run_id) return "it signs another run";
  if (statement.opening !== reading.hashes[1]) return "it signs a run that began otherwise";
  return off(reading, statement, "signed");
}

// What holds a record from outside: signatures by trusted keys, and heads that were kept elsewhere.
function anchor(read, reading, { keys = [], hashes = [], heads = [] }) {
  const anchors = [];
  const signed = new Set();
  const findings = [];
  const fault = (what) => findings.push({ line: null, what });
  try {
    for (const each of signatures(read)) {
      const named = fingerprintOf(Buffer.from(each.public_key, "hex"));
      const wrong = faultOf(each, reading);
      if (wrong) fault(`the signature by ${named}: ${wrong}`);
      else if (keys.includes(named)) anchors.push({ by: `signature by ${named}`, line: each.statement.count });
      else signed.add(named);
    }
  } catch (thrown) {
    fault(`signature.json: ${thrown.message}`);
  }
  for (const key of keys)
    if (!anchors.some(({ by }) => by.endsWith(key))) fault(`no signature by ${key} holds it`);
  for (const head of heads.filter(({ run }) => run === reading.opening?.run_id)) {
    const wrong = off(reading, head, "kept");
    if (wrong) fault(wrong);
    else anchors.push({ by: "kept head", line: head.count });
  }
  for (const hash of hashes) {
    const line = reading.hashes.indexOf(hash, 1);
    if (line < 0) fault(`no line has the hash that was kept, ${hash}: cut or rewritten`);
    else anchors.push({ by: "kept head", line });
  }
  return { anchors, signed_by: [...signed], findings };
}

// Fields that are undefined are absent.
const present = (value) => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
const total = (figures) => (figures.includes(undefined) ? undefined : figures.reduce((sum, each) => sum + each, 0));
const last = (values) => values[values.length - 1];
const by = (values, key) => new Map(values.map((each) => [key(each), each]));

// What the journal derives: the transcript, the conflict log and the outcome, by name.
class Derivation {
  constructor(reading) {
    const ranked = reading.records.map((each) => [each.step, TYPES.indexOf(each.record), each.order, each]);
    ranked.sort((one, other) => one[0] - other[0] || one[1] - other[1] || one[2] - other[2]);
    this.records = ranked.map((each) => each[3]);
    this.types = new Map(TYPES.map((type) => [type, []]));
    for (const each of this.records) this.types.get(each.record)?.push(each);
    this.reading = reading;
    this.opening = reading.opening;
    this.decision = last(this.all("decision"));
    this.answer = last(this.all("answer"));
    this.conflicts = this.entries();
  }

  all(type) {
    return this.types.get(type) ?? [];
  }

  entries() {
    const settlements = by(this.all("settlement"), (each) => each.conflict);
    const treatments = by(this.answer?.treatments ?? [], (each) => each.conflict);
    return this.all("conflict").map((conflict) => {
      const settled = settlements.get(conflict.id);
      return present({
        ...conflict,
        status: settled?.status ?? conflict.status,
        history: settled ? [...conflict.history, ...this.resolved(conflict, settled)] : conflict.history,
        contested_status: conflict.status,
        resolution: settled?.resolution,
        dissent: settled ? this.dissents(settled) : [],
        reopen_if: this.all("reopen_if").filter((each) => each.conflict === conflict.id),
        treatment: treatments.get(conflict.id),
      });
    });
  }

  // A conflict that a rule resolved ended in the last round before that.
  resolved(conflict, settled) {
    if (settled.status !== "resolved") return [];
    const before = this.all("turn").filter((each) => each.step < settled.step);
    const round = [...before, ...conflict.history].reduce((most, each) => Math.max(most, each.round), 0);
    return [{ cites: [], event: "resolved", round, spans: [] }];
  }

  dissents(settled) {
    const said = by(this.all("ratification"), (each) => canonical([each.conflict, each.seat]));
    return settled.dissent.map((dissent) => {
      const own = said.get(canonical([settled.conflict, dissent.seat]));
      if (own?.position !== dissent.position) return dissent;
      return present({ ...dissent, ratified: own.state, span: own.span ?? dissent.span });
    });
  }

  ledger() {
    const replies = this.all("reply");
    const sum = (usages) => ({
      calls: usages.length,
      prompt: total(usages.map((each) => each?.prompt)),
      cached: total(usages.map((each) => each?.cached)),
      computed: total(usages.map((each) => (each?.cached === undefined ? undefined : each.prompt - each.cached))),
      completion: total(usages.map((each) => each?.completion)),
    });
    const line = (of) => {
      const told = of.filter((each) => each.usage || !["refused", "unavailable"].includes(each.state));
      const retries = of.reduce((all, each) => all + each.retries, 0);
      const figures = told.length > 0 || of.length === 0 ? sum(told.map((each) => each.usage)) : {};
      return present({ ...figures, calls: of.length, retries });
    };
    const seats = new Set([...this.opening.parties, ...replies].map((each) => each.seat));
    const { aborts, lost } = this.reading;
    return present({
      seats: Object.fromEntries([...seats].map((seat) => [seat, line(replies.filter((each) => each.seat === seat))])),
      total: line(replies),
      aborted: aborts.length > 0 ? present({ ...sum(aborts.map((each) => each.usage)), retries: 0 }) : undefined,
      lost: lost || undefined,
    });
  }

  // All but how the first answers compare in words, which is taken as it stands.
  coverage(stands) {
    const reasons = [];
    const told = new Set();
    for (const { about, history } of this.conflicts)
      for (const event of history.filter((each) => each.by !== undefined && ["conceded", "withdrawn"].includes(each.event))) {
        told.add(canonical([about, event.by, event.round]));
        reasons.push(event.reason);
      }
    for (const each of this.all("move"))
      if (!told.has(canonical([each.about, each.seat, each.round]))) reasons.push(each.because);
    const statuses = {};
    for (const { status } of this.conflicts) statuses[status] = (statuses[status] ?? 0) + 1;
    const dissents = this.conflicts.flatMap((each) => each.dissent);
    return present({
      conflicts: this.conflicts.length,
      by_status: statuses,
      dissents: dissents.length,
      ratified: dissents.filter((each) => ["confirmed", "corrected"].includes(each.ratified)).length,
      stance_changes: reasons.length,
      unexplained_changes: reasons.filter((each) => each === "unexplained").length,
      flagged: this.conflicts.filter((each) => each.treatment?.flagged).length,
      first_answers: stands?.coverage?.first_answers,
      clerk: this.judged("clerk", "relation", "relation"),
      llm: this.judged("llm", "relation_votes", "relation"),
      clerk_same: this.judged("clerk", "same", "restatement"),
      llm_same: this.judged("llm", "same_votes", "restatement"),
    });
  }

  judged(layer, purpose, type) {
    const asked = this.all("reply").filter((each) => each.seat === "clerk" && each.purpose === purpose).length;
    const read = this.all(type).filter((each) => each.layer === layer);
    const votes = read[0]?.calls.length ?? this.opening.protocol.log?.votes ?? 3;
    return asked === 0 ? undefined : { asked: Math.ceil(asked / (layer === "clerk" ? 2 : Math.max(1, votes))), judged: read.length };
  }

  files(stands) {
    const { opening, reading, conflicts, decision } = this;
    const { protocol, question, run_id } = opening;
    const status = reading.closed ? "complete" : "incomplete";
    const rounds = new Set([...this.all("turn"), ...this.all("stance")].map((each) => each.round)).size;
    const run = present({
      run_id, question, question_sha256: sha256(question), options: opening.options, protocol: protocol.name, rounds,
      protocol_version: protocol.version, graph_sha256: protocol.graph_sha256, started: opening.started,
      finished: reading.closed?.at, status, replay: opening.replay,
    });
    const none = reading.closed ? "No answer: the run ended and came to none." : "No answer yet: the run has not ended.";
    const dissents = by(conflicts.flatMap((each) => each.dissent), (each) => canonical([each.seat, each.position]));
    const absences = this.all("reply").filter((each) => each.state !== "ok");
    return {
      "transcript.json": { opening, records: this.records, schema: "transcript/1" },
      "conflicts.json": present({
        schema: "conflict-log/1", run, parties: opening.parties, conflicts, ballots: this.all("ballot"), decision,
        coverage: this.coverage(stands),
      }),
      "outcome.json": present({
        schema: "outcome/1", run_id, question, status, answer: this.answer?.text ?? none, conflicts, decision,
        dissents: [...dissents.values()], ledger: this.ledger(),
        absences: absences.map(({ seat, step, order, purpose, state, error }) =>
          present({ seat, call: `c${step}.${order}`, purpose, state, error }),
        ),
      }),
    };
  }
}

// Derived files that are there and say something else than the journal.
function* misderived(read, reading) {
  const stands = {};
  for (const name of ["transcript.json", "conflicts.json", "outcome.json"])
    try {
      stands[name] = read(name);
    } catch (fault) {
      if (fault.code !== "ENOENT") yield { line: null, what: fault.message };
    }
  if (Object.keys(stands).length === 0) return;
  let log;
  try {
    log = parse(stands["conflicts.json"] ?? Buffer.from("null"));
  } catch {} // It is then found below to be something else.
  let derived;
  try {
    derived = new Derivation(reading).files(log);
  } catch (fault) {
    yield { line: null, what: `nothing can be derived from the journal: ${fault.message}` };
    return;
  }
  for (const [name, found] of Object.entries(stands))
    if (!Buffer.from(`${canonical(derived[name])}\n`).equals(found))
      yield { line: null, what: `${name} is not what the journal derives` };
}

// `trusted`: keys (fingerprints), hashes, heads, anchored. `read` gives the bytes of a file of the record.
export function verify(folder, trusted = {}, read = (name) => plain(folder, name)) {
  const reading = new Reading();
  let raw;
  try {
    raw = read("journal.jsonl");
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
  const otherwise = reading.finish();
  if (otherwise !== null) {
    findings.push({ line: otherwise, what: "redacted otherwise than a redaction at the end says" });
    return { folder, ok: false, lines: null, head: null, status: null, findings };
  }
  if (lines === 0) {
    findings.push({ line: null, what: "nothing was recorded yet" });
    return { folder, ok: false, lines: null, head: null, status: null, findings };
  }
  if (from < raw.length) findings.push({ line: lines + 1, what: `cut off, ${raw.length - from} bytes of it are there` });
  findings.push(...reading.head(read), ...reading.misquoted(), ...misderived(read, reading));
  const { anchors, signed_by, findings: off } = anchor(read, reading, trusted);
  findings.push(...off);
  if (trusted.anchored && anchors.length === 0) findings.push({ line: null, what: "unanchored" });
  const status = reading.closed ? "complete" : "unfinished";
  const redacted = [...reading.redacted.keys()];
  const ok = findings.length === 0;
  return { folder, ok, lines, head: reading.hashes[lines], status, redacted, anchors, signed_by, findings };
}

// The heads in a file; it throws where the file is not whole.
export function heads(path) {
  const raw = readFileSync(path);
  const found = [];
  let prev = GENESIS;
  let from = 0;
  for (let to; (to = raw.indexOf(10, from)) >= 0; from = to + 1) {
    const { data, kind, hash } = unseal(raw.subarray(from, to), found.length + 1, prev, false);
    whole(kind === "head" && isObject(data) && fields(data) === "count,hash,run");
    found.push(data);
    prev = hash;
  }
  whole(from === raw.length);
  return found;
}

// The fingerprint of a public key: of the one in a file (PEM), or the 64 digits themselves.
function fingerprint(given) {
  if (HASH.test(given)) return given;
  const key = createPublicKey(readFileSync(given));
  return fingerprintOf(Buffer.from(key.export({ format: "jwk" }).x, "base64url"));
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  const many = { type: "string", multiple: true, default: [] };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { key: many, head: many, heads: { type: "string" }, anchored: { type: "boolean" } },
  });
  const trusted = {
    keys: values.key.map(fingerprint),
    hashes: values.head,
    heads: values.heads === undefined ? [] : heads(values.heads),
    anchored: values.anchored,
  };
  const found = positionals.map((folder) => verify(folder, trusted));
  for (const each of found) console.log(JSON.stringify(each));
  process.exitCode = found.length > 0 && found.every((each) => each.ok) ? 0 : 1;
}
