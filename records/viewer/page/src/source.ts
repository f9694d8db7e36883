// Where the data comes from: the server that gave this page, or the page itself.
import type { Calls, Core, Integrity, Note, Row } from "./types";

export class Fault extends Error {
  constructor(
    message: string,
    readonly hint = "",
  ) {
    super(message);
  }
}

export interface Source {
  /** Whether there is a server: it can follow a run, save a page and keep annotations. */
  live: boolean;
  runs(): Promise<Row[]>;
  core(key: string): Promise<Core>;
  calls(key: string): Promise<Calls>;
  integrity(key: string): Promise<Integrity>;
  notes(key: string): Promise<Note[]>;
  tag(key: string): Promise<string>;
  annotate(key: string, note: object): Promise<Note[]>;
  saved(key: string): string | null;
}

function block(id: string): unknown {
  const found = document.getElementById(id);
  return found ? JSON.parse(found.textContent ?? "null") : null;
}

function checked<T>(value: unknown): T {
  const at = value as { error?: string; hint?: string } | null;
  if (at === null || typeof at !== "object") throw new Fault("this page does not hold that");
  if (typeof at.error === "string" && "hint" in at) throw new Fault(at.error, at.hint);
  return value as T;
}

function embedded(): Source {
  const index = block("index") as { runs: Row[] };
  const place = new Map(index.runs.map((row, at) => [row.key, at]));
  // Parsed when first asked for, and once.
  const kept = new Map<string, unknown>();
  const part = async <T>(key: string, name: string): Promise<T> => {
    const id = `run-${place.get(key)}-${name}`;
    if (!kept.has(id)) kept.set(id, block(id));
    return checked<T>(kept.get(id));
  };
  return {
    live: false,
    runs: async () => index.runs,
    core: (key) => part(key, "core"),
    calls: (key) => part(key, "calls"),
    integrity: (key) => part(key, "integrity"),
    notes: (key) => part(key, "notes"),
    tag: async () => "",
    annotate: async () => {
      throw new Fault("a saved page keeps no annotations", "open the record with folkmoot view");
    },
    saved: () => null,
  };
}

function served(): Source {
  const ask = async <T>(path: string, sent?: object): Promise<T> => {
    let said: Response;
    try {
      said = await fetch(path, {
        method: sent ? "POST" : "GET",
        headers: sent ? { "Content-Type": "application/json" } : {},
        body: sent ? JSON.stringify(sent) : undefined,
      });
    } catch {
      throw new Fault("the viewer does not answer any more", "start folkmoot view again");
    }
    return checked<T>(await said.json());
  };
  const at = (key: string, part: string) => `api/run/${encodeURIComponent(key)}/${part}`;
  return {
    live: true,
    runs: async () => (await ask<{ runs: Row[] }>("api/runs")).runs,
    core: (key) => ask(at(key, "core")),
    calls: (key) => ask(at(key, "calls")),
    integrity: (key) => ask(at(key, "integrity")),
    notes: (key) => ask(at(key, "notes")),
    tag: async (key) => (await ask<{ tag: string }>(at(key, "tag"))).tag,
    annotate: (key, note) => ask(at(key, "notes"), note),
    saved: (key) => at(key, "page.html"),
  };
}

export const source: Source = document.getElementById("index") ? embedded() : served();
