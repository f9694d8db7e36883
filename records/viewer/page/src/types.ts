// What the server, or the saved page, gives: the fields of `folkmoot.records`, as they stand there.
export type Dict<T> = Record<string, T>;

export interface Row {
  key: string;
  question?: string;
  protocol?: string;
  status?: string;
  started?: string;
  seats?: number;
  rounds?: number;
  decision?: string;
  winner?: string;
  conflicts?: number;
  unsettled?: number;
  worst?: number;
  flagged?: number;
  calls?: number;
  tokens?: number;
  fault?: string;
}

export interface Party {
  seat: string;
  model: string;
  statement?: string;
  values?: Dict<number>;
  red_lines?: string[];
  contributor?: string;
  licence?: string;
  vocabulary?: { id: string; version: string; labels: Dict<string> };
}

export interface Opening {
  run_id: string;
  question: string;
  options?: string[];
  of_values: boolean;
  seed: number;
  parties: Party[];
  protocol: { name: string; version: string; params: Dict<unknown> };
  models: Dict<unknown>[];
  engines: Dict<unknown>[];
  replay: string;
  started: string;
  versions: Dict<string>;
}

export interface Placed {
  step: number;
  order: number;
  round: number;
}

export interface Message extends Placed {
  id: string;
  seat: string;
  stage: string;
  role: string;
  state: string;
  text: string;
  answer?: string;
  replies_to: string[];
  call: string;
}

export interface Span {
  message: string;
  start: number;
  end: number;
  exact: string;
}

export interface Position {
  id: string;
  summary: string;
  parties: string[];
  held_first: string[];
  last_heard?: Dict<number>;
  spans: Span[];
}

export interface ConflictEvent {
  round: number;
  event: string;
  by?: string;
  from_position?: string;
  to_position?: string;
  reason?: string;
  cites: string[];
  spans: Span[];
  kind?: string;
}

export interface Dissent {
  seat: string;
  position: string;
  span?: Span;
  ratified?: string;
}

export interface Conflict {
  id: string;
  issue: string;
  about: string;
  parent?: string;
  kind?: string;
  positions: Position[];
  values_in_tension: { value: string; position: string; parties: string[]; source: string }[];
  severity: {
    level: number;
    breadth: number;
    intensity?: number;
    stakes?: number;
    answer_sensitivity?: number;
    rubric: string;
  };
  history: ConflictEvent[];
  status: string;
  contested_status: string;
  serious: boolean;
  detection: { method: string; rule: string; model?: string; confidence?: number; relations: string[] };
  resolution?: { rule: string; decided_by?: string; margin?: number };
  dissent: Dissent[];
  reopen_if: { seat: string; span: Span }[];
  treatment?: { treatment: string; positions_voiced: string[]; misstatements: string[]; flagged: boolean };
}

export interface Stance extends Placed {
  seat: string;
  stage: string;
  about: string;
  state: string;
  choice?: string;
  probabilities?: Dict<number>;
}

export interface Move extends Placed {
  seat: string;
  about: string;
  from_choice: string;
  to_choice: string;
  because: string;
  cites: string[];
}

export interface Act extends Placed {
  id: string;
  seat: string;
  act: string;
  message: string;
  about?: string;
  kind?: string;
}

export interface Issue extends Placed {
  id: string;
  seat: string;
  about: string;
  type: string;
  message: string;
}

export interface Ballot extends Placed {
  id: string;
  seat: string;
  state: string;
  ranking: string[];
  blocks?: string[];
}

export interface Check extends Placed {
  rule: string;
  holds: boolean;
  value?: number;
  bar?: number;
  says: string;
}

export interface Filtering extends Placed {
  seat: string;
  filter: string;
  offered: string[];
  shown: string[];
  held: { message: string; why: string }[];
  altered: { message: string; why: string }[];
}

export interface Decision {
  status: string;
  rule: string;
  options: string[];
  winner?: string;
  tied: string[];
  tally: Dict<number>;
  ballots: string[];
  not_valid: Dict<string>;
  margin?: number;
  pivotal?: string[];
  decided_by?: string;
  reason: string;
}

export interface Line {
  calls: number;
  prompt?: number;
  computed?: number;
  cached?: number;
  completion?: number;
  retries: number;
}

export interface Core {
  tag?: string;
  opening: Opening;
  run: { rounds: number; finished?: string; started: string; replay: string };
  status: string;
  resumed: number;
  waiting: string[];
  redactions: { messages: string[]; lines: unknown; by: string; at: string; reason: string }[];
  migrations: { from_schema: string; lines: number }[];
  text: string;
  answer: null | {
    author: string;
    text: string;
    sentences: { id: string; start: number; end: number; cites: string[] }[];
  };
  decision: Decision | null;
  conflicts: Conflict[];
  dissents: Dissent[];
  coverage: Dict<unknown> & { by_status: Dict<number>; flagged: number };
  ledger: { seats: Dict<Line>; total: Line; aborted?: Line; lost?: number };
  absences: { seat: string; call: string; purpose: string; state: string; error?: string }[];
  messages: Message[];
  stances: Stance[];
  moves: Move[];
  issues: Issue[];
  acts: Act[];
  ballots: Ballot[];
  checks: Check[];
  filterings: Filtering[];
  hearing: { seats: string[]; links: [round: number, reader: number, author: number, count: number][] };
  steps: {
    step: number;
    round: number;
    stage: string;
    calls: number;
    seats: string[];
    purposes: string[];
    messages: number;
  }[];
  times: Dict<{ took?: number; engine?: number }>;
}

export interface Reply {
  state: string;
  text?: string;
  logprobs?: number[];
  finish?: string;
  dropped?: string[];
  error?: string;
  took_ms?: number;
  usage?: { prompt: number; cached?: number; completion: number };
}

export interface Call {
  id: string;
  step: number;
  order: number;
  round: number;
  stage: string;
  seat: string;
  model: string;
  op: string;
  purpose: string;
  about?: string;
  options?: string[];
  pieces: number[];
  reply?: Reply;
}

export interface Calls {
  texts: string[];
  pieces: [role: string, text: number, label: string, drop: number][];
  calls: Call[];
}

export interface Integrity {
  ok: boolean;
  findings: { line: number | null; what: string }[];
  lines?: number | null;
  head?: string | null;
  status?: string | null;
  signature?: string;
}

export interface Note {
  id: string;
  at: string;
  by: string;
  kind: string;
  about: { what: string; id?: string; start?: number; end?: number };
  label?: string;
  value?: string | number | boolean;
  severity?: number;
  note?: string;
  reason?: string;
  corrects?: string;
}
