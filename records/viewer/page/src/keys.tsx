// The keyboard. Nothing is taken from who is typing, or from the browser's own keys.
import { useEffect } from "preact/hooks";
import { entries, type Model } from "./model";
import { go, href, parse, to, type Route } from "./route";
import type { Row } from "./types";

interface Props {
  route: Route;
  rows: Row[];
  made: Model | null;
  help: (open: boolean) => void;
  theme: () => void;
}

export function useKeys(props: Props): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const at = event.target as HTMLElement;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.closest("dialog")) {
        if (event.key === "Escape") at.blur();
        return;
      }
      const done = act(event.key, props);
      if (done) event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  });
}

function act(key: string, { route, rows, made, help, theme }: Props): boolean {
  const focus = (id: string) => setTimeout(() => document.getElementById(id)?.focus(), 60);
  if (key === "?") help(true);
  else if (key === "t") theme();
  else if (key === "/") document.getElementById("search")?.focus();
  else if (key === "l") go("#/");
  else if (key === "[" || key === "]") {
    const at = rows.findIndex((each) => each.key === route.key);
    const next = rows[at + (key === "]" ? 1 : -1)];
    if (next && route.page === "run") go(href({ ...parse(""), page: "run", key: next.key }));
  } else if (route.page !== "run" || !made) return false;
  else if (key === "j" || key === "k") step(key === "j" ? 1 : -1, route, made);
  else if (key === "n" || key === "p") {
    const { conflicts } = made.core;
    const at = conflicts.findIndex((each) => each.id === route.c);
    const next = conflicts[key === "n" ? at + 1 : at < 0 ? conflicts.length - 1 : at - 1];
    if (next) go(to(route, { c: next.id }));
  } else if ("123".includes(key)) {
    const lens = (["round", "seat", "conflict"] as const)[Number(key) - 1];
    if (lens) go(href({ ...route, lens, mode: "record" }));
  } else if (key === "r") go(href({ ...route, mode: "record" }));
  else if (key === "s") go(href({ ...route, mode: "seen", as: route.as || made.seats[0] || "" }));
  else if (key === "w") go(href({ ...route, mode: "raw" }));
  else if (key === "e") {
    const at = made.seats.indexOf(route.as);
    go(href({ ...route, mode: "seen", as: made.seats[(at + 1) % made.seats.length] ?? "" }));
  } else if (key === "g") go(to(route, { sec: "graph" }));
  else if (key === "c") go(to(route, { sec: "cost" }));
  else if (key === "i") go(to(route, { sec: "integrity" }));
  else if (key === "a") {
    go(to(route, { m: route.m, c: route.c, sec: "notes" }));
    focus("note");
  } else if (key === "x") {
    if (rows.length > 1) go(href({ ...parse(""), page: "compare", key: route.key }));
  } else if (key === "Escape") go(to(route, {}));
  else return false;
  return true;
}

function step(by: 1 | -1, route: Route, made: Model): void {
  const rows = entries(made, route).flatMap((each) => (each.kind === "message" ? [each.message.id] : []));
  const at = rows.indexOf(route.m);
  // Under the lens of conflicts one message may come several times: the first place counts.
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  if (next) go(href({ ...route, m: next, at: null, c: "", call: "", sec: "", mode: "record" }), true);
}
