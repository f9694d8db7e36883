// Small parts that every view uses.
import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { createContext } from "preact";
import type { Model } from "./model";
import { to, type Route } from "./route";
import type { Span } from "./types";
import { Visible, words } from "./text";

export interface Here {
  model: Model;
  route: Route;
  times: number;
}

export const Here = createContext<Here>(null as unknown as Here);
export const useHere = () => useContext(Here);

/** The name of a message, and the way to it. */
export function M({ id, at }: { id: string; at?: [number, number] }) {
  const { model, route } = useHere();
  const known = model.messages.get(id);
  if (!known) return <span class="ref">{id}</span>;
  // What is filtered away could not be gone to.
  const address = to(route, { m: id, at: at ?? null, mode: "record", q: "", seat: "", round: "", role: "" });
  return (
    <a class="ref" href={address} title={`${known.seat}, round ${known.round}`}>{id}</a>
  );
}

/** A conflict by its number, and the way to it. */
export function C({ id }: { id: string }) {
  const { model, route } = useHere();
  const at = model.core.conflicts.findIndex((each) => each.id === id);
  return (
    <a class="ref" href={to(route, { c: id })}>conflict {at + 1}</a>
  );
}

/** A quotation: its words, who says them, and the way to where they stand. */
export function Quote({ span }: { span: Span }) {
  const { model, route } = useHere();
  const message = model.messages.get(span.message);
  const address = to(route, {
    m: span.message, at: [span.start, span.end], mode: "record", q: "", seat: "", round: "", role: "",
  });
  return (
    <blockquote>
      <a class="quote" href={address} dir="auto">
        <Visible text={`“${span.exact}”`} />
      </a>
      <footer>
        {message && <><Visible text={message.seat} />, round {message.round} </>}
        <M id={span.message} at={[span.start, span.end]} />
      </footer>
    </blockquote>
  );
}

const SIGNS: Record<string, string> = {
  open: "○", narrowed: "◐", went_along: "◑", outvoted: "◒", dropped: "◌", conceded: "●", resolved: "●", moot: "–",
};

export function Status({ status }: { status: string }) {
  const settled = ["conceded", "resolved", "moot"].includes(status);
  return (
    <span class={`status ${settled ? "settled" : "unsettled"}`}>
      <span aria-hidden="true">{SIGNS[status] ?? "○"}</span> {words(status)}
    </span>
  );
}

export function Level({ level }: { level: number }) {
  return (
    <span class="level" title={`severity ${level} of 3`}>
      <span aria-hidden="true">{"▮".repeat(level)}{"▯".repeat(Math.max(0, 3 - level))}</span>
      <span class="unseen">severity {level} of 3</span>
    </span>
  );
}

export function Section(props: { id: string; title: ComponentChildren; sub?: ComponentChildren; children: ComponentChildren }) {
  const { route } = useHere();
  return (
    <section id={props.id} aria-labelledby={`${props.id}-title`}>
      <header class="section">
        <h2 id={`${props.id}-title`}>
          <a href={to(route, { sec: props.id })}>{props.title}</a>
        </h2>
        {props.sub && <p class="dim">{props.sub}</p>}
      </header>
      {props.children}
    </section>
  );
}
