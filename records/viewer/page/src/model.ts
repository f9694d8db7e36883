// What the views share: the record's parts by id, and the rows of the three lenses. Each part is walked
// once; nothing here looks for the same thing twice.
import type { Act, Conflict, Core, Issue, Message, Placed } from "./types";
import type { Lens, Route } from "./route";
import { number, plural, words } from "./text";

export type Ref = { m?: string; c?: string; text: string };

export type Entry =
  | { kind: "head"; key: string; title: string; sub: string; c?: string }
  | { kind: "message"; key: string; message: Message; why?: string }
  | { kind: "event"; key: string; label: string; said: Ref[]; round: number; seat?: string };

export interface Model {
  core: Core;
  messages: Map<string, Message>;
  conflicts: Map<string, Conflict>;
  /** Conflicts that quote a message or are about it. */
  conflictsOf: Map<string, Conflict[]>;
  actsOf: Map<string, Act[]>;
  issuesOf: Map<string, Issue[]>;
  seats: string[];
  rounds: number[];
  roles: string[];
  /** The texts in small letters, for searching. */
  low: Map<string, string>;
}

export function model(core: Core): Model {
  const conflictsOf = new Map<string, Conflict[]>();
  for (const conflict of core.conflicts) {
    for (const id of messagesOf(conflict)) push(conflictsOf, id, conflict);
  }
  const actsOf = new Map<string, Act[]>();
  for (const act of core.acts) push(actsOf, act.message, act);
  const issuesOf = new Map<string, Issue[]>();
  for (const issue of core.issues) push(issuesOf, issue.message, issue);
  const placed: Placed[] = [...core.messages, ...core.stances, ...core.ballots];
  const known = core.opening.parties.map((each) => each.seat);
  const others = new Set(core.messages.map((each) => each.seat));
  return {
    core,
    messages: new Map(core.messages.map((each) => [each.id, each])),
    conflicts: new Map(core.conflicts.map((each) => [each.id, each])),
    conflictsOf, actsOf, issuesOf,
    seats: [...new Set([...known, ...others])],
    rounds: [...new Set(placed.map((each) => each.round))].sort((one, other) => one - other),
    roles: [...new Set(core.messages.map((each) => each.role))],
    low: new Map(core.messages.map((each) => [each.id, `${each.id} ${each.seat} ${each.text}`.toLowerCase()])),
  };
}

export function messagesOf(conflict: Conflict): Set<string> {
  const ids = new Set<string>();
  if (conflict.about !== "question") ids.add(conflict.about);
  for (const position of conflict.positions) for (const span of position.spans) ids.add(span.message);
  for (const event of conflict.history) {
    for (const id of event.cites) ids.add(id);
    for (const span of event.spans) ids.add(span.message);
  }
  for (const each of conflict.dissent) if (each.span) ids.add(each.span.message);
  for (const each of conflict.reopen_if) ids.add(each.span.message);
  return ids;
}

/** The rows of the transcript under a lens, with what is searched for and filtered by. */
export function entries(model: Model, route: Route): Entry[] {
  const all = lens(model, route.lens);
  const q = route.q.trim().toLowerCase();
  const filtered = Boolean(q || route.seat || route.round || route.role);
  if (!filtered) return all;
  const kept: Entry[] = [];
  let head: Entry | null = null;
  for (const entry of all) {
    if (entry.kind === "head") head = entry;
    else if (passes(model, entry, route, q)) {
      if (head) kept.push(head);
      head = null;
      kept.push(entry);
    }
  }
  return kept;
}

function passes(model: Model, entry: Entry, route: Route, q: string): boolean {
  if (entry.kind === "message") {
    const { message } = entry;
    return (
      (!route.seat || message.seat === route.seat) &&
      (!route.round || String(message.round) === route.round) &&
      (!route.role || message.role === route.role) &&
      (!q || (model.low.get(message.id) ?? "").includes(q))
    );
  }
  if (entry.kind === "head" || route.role) return false;
  return (
    (!route.seat || entry.seat === route.seat) &&
    (!route.round || String(entry.round) === route.round) &&
    (!q || entry.said.some((each) => each.text.toLowerCase().includes(q)))
  );
}

function lens(model: Model, name: Lens): Entry[] {
  if (name === "conflict") return byConflict(model);
  const grouped = new Map<string, Entry[]>();
  for (const [record, entry] of timeline(model)) {
    if (name === "round") push(grouped, String(record.round), entry);
    else if (entry.kind === "message") push(grouped, entry.message.seat, entry);
    else if (entry.kind === "event" && entry.seat) push(grouped, entry.seat, entry);
  }
  if (name === "seat") {
    return model.seats.flatMap((seat) => headed(`seat ${seat}`, seat, grouped.get(seat) ?? []));
  }
  const rounds = [...grouped].sort(([one], [other]) => Number(one) - Number(other));
  return [
    ...rounds.flatMap(([round, found]) =>
      headed(`round ${round}`, `Round ${round}${round === "0" ? ", blind" : ""}`, found),
    ),
    ...ending(model),
  ];
}

function headed(key: string, title: string, found: Entry[]): Entry[] {
  if (!found.length) return [];
  const messages = found.filter((each) => each.kind === "message").length;
  return [{ kind: "head", key, title, sub: plural(messages, "message") }, ...found];
}

type Placement = Placed & { seat?: string };

/** Messages and what happened between them, in the order of the record. */
function timeline(model: Model): [Placement, Entry][] {
  const { core } = model;
  const found: [Placement, Entry][] = core.messages.map((message) => [
    message,
    { kind: "message", key: message.id, message },
  ]);
  const event = (at: Placement, key: string, label: string, said: Ref[]) =>
    found.push([at, { kind: "event", key, label, said, round: at.round, seat: at.seat }]);
  const judged = new Map<string, number>();
  for (const each of core.stances) {
    if (each.about === "question") {
      const sure = each.choice !== undefined ? each.probabilities?.[each.choice] : undefined;
      const how = each.choice === undefined ? words(each.state) : each.choice;
      const much = sure === undefined ? "" : ` (${number(sure)})`;
      event(each, `st${each.step}.${each.order}`, "stance", [{ text: `${each.seat}: ${how}${much}` }]);
    } else {
      const key = `${each.step} ${each.round} ${each.seat}`;
      if (!judged.has(key)) event(each, `j${key}`, "judges", []);
      judged.set(key, (judged.get(key) ?? 0) + 1);
    }
  }
  for (const [, entry] of found) {
    if (entry.kind === "event" && entry.label === "judges") {
      const n = judged.get(entry.key.slice(1)) ?? 0;
      entry.said.push({ text: `${entry.seat}: took a stand on ${plural(n, "message")} of others` });
    }
  }
  for (const each of core.moves) {
    event(each, `mv${each.step}.${each.order}`, "move", [
      { text: `${each.seat}: ${each.from_choice} → ${each.to_choice}, ${words(each.because)}` },
      ...each.cites.map((m) => ({ m, text: m })),
    ]);
  }
  for (const each of core.ballots) {
    const vote = each.state === "valid" ? each.ranking.slice(0, 4).join(" › ") : words(each.state);
    const blocks = each.blocks?.length ? `; blocks ${each.blocks.join(", ")}` : "";
    event(each, each.id, "ballot", [{ text: `${each.seat}: ${vote}${blocks}` }]);
  }
  for (const each of core.checks) {
    const figure = each.value === undefined ? "" : ` (${number(each.value)} against ${number(each.bar)})`;
    const said = `${each.says || each.rule}${figure}: ${each.holds ? "holds" : "does not hold"}`;
    event(each, `ck${each.step}.${each.order}`, "check", [{ text: said }]);
  }
  for (const each of core.filterings) {
    if (!each.held.length && !each.altered.length) continue;
    event(each, `f${each.step}.${each.order}`, "filter", [
      { text: `${each.seat} was not shown, or not as it was said (${each.filter}):` },
      ...[...each.held, ...each.altered].map(({ message, why }) => ({ m: message, text: `${message} ${why}` })),
    ]);
  }
  const rank = (entry: Entry) => (entry.kind === "message" ? 1 : entry.key.startsWith("b") ? 2 : 0);
  return found.sort(
    ([one, a], [other, b]) => one.step - other.step || rank(a) - rank(b) || one.order - other.order,
  );
}

function ending({ core }: Model): Entry[] {
  const { decision } = core;
  if (!decision) return [];
  const tally = decision.options.map((each) => `${each} ${number(decision.tally[each] ?? 0)}`).join(" · ");
  const said = `${words(decision.status)} under ${decision.rule}: ${tally}`;
  return [
    { kind: "head", key: "decision", title: "Decision", sub: "" },
    { kind: "event", key: "decided", label: "decision", said: [{ text: said }], round: -1 },
  ];
}

function byConflict(model: Model): Entry[] {
  const found: Entry[] = [];
  const told = new Set<string>();
  const order = new Map(model.core.messages.map((each, at) => [each.id, at]));
  for (const [at, conflict] of model.core.conflicts.entries()) {
    const title = `${at + 1}. ${conflict.issue}`;
    found.push({ kind: "head", key: conflict.id, title, sub: words(conflict.status), c: conflict.id });
    const messages = [...messagesOf(conflict)]
      .filter((id) => order.has(id))
      .sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0))
      .map((id) => model.messages.get(id) as Message);
    const rounds = new Set([...conflict.history.map((each) => each.round), ...messages.map((m) => m.round)]);
    for (const round of [...rounds].sort((one, other) => one - other)) {
      for (const message of messages) {
        if (message.round !== round) continue;
        told.add(message.id);
        const side = conflict.positions.find((p) => p.spans.some((span) => span.message === message.id));
        const why = side ? `quoted for: ${side.summary}` : conflict.about === message.id ? "what it is about" : "cited";
        found.push({ kind: "message", key: `${conflict.id} ${message.id}`, message, why });
      }
      for (const [n, event] of conflict.history.entries()) {
        if (event.round !== round) continue;
        const who = event.by ? `${event.by} ` : "";
        const why = event.reason ? `, ${words(event.reason)}` : "";
        const said = [{ text: `round ${round}: ${who}${words(event.event)}${why}` }];
        found.push({
          kind: "event", key: `${conflict.id} e${n}`, label: "conflict", round, seat: event.by,
          said: [...said, ...event.cites.map((m) => ({ m, text: m }))],
        });
      }
    }
  }
  const rest = model.core.messages.filter((each) => !told.has(each.id));
  if (rest.length) {
    found.push({ kind: "head", key: "none", title: "Quoted in no conflict", sub: plural(rest.length, "message") });
    found.push(...rest.map((message): Entry => ({ kind: "message", key: message.id, message })));
  }
  return found;
}

export function push<K, V>(into: Map<K, V[]>, key: K, value: V): void {
  const found = into.get(key);
  if (found) found.push(value);
  else into.set(key, [value]);
}
