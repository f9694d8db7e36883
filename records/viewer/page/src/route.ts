// Every view has an address, in the part of it that no server sees.
import { useEffect, useState } from "preact/hooks";

export type Lens = "round" | "seat" | "conflict";
export type Mode = "record" | "seen" | "raw";

export interface Route {
  page: "runs" | "run" | "compare";
  key: string;
  other: string;
  lens: Lens;
  mode: Mode;
  /** Message, span in it, conflict, call, section that the address points at. */
  m: string;
  at: [number, number] | null;
  c: string;
  call: string;
  sec: string;
  /** What is searched for and filtered by. */
  q: string;
  seat: string;
  round: string;
  role: string;
  /** Through whose eyes. */
  as: string;
}

const NAMES = ["lens", "mode", "m", "c", "call", "sec", "q", "seat", "round", "role", "as"] as const;
const START: Omit<Route, "page" | "key" | "other"> = {
  lens: "round", mode: "record", m: "", at: null, c: "", call: "", sec: "", q: "", seat: "", round: "", role: "", as: "",
};

function decoded(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? "");
  } catch {
    return "";
  }
}

export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page, key, other] = path.split("/");
  const route: Route = { page: "runs", key: decoded(key), other: decoded(other), ...START };
  if (page === "r" && key) route.page = "run";
  if (page === "compare" && key) route.page = "compare";
  const given = new URLSearchParams(query);
  for (const name of NAMES) {
    const value = given.get(name);
    if (value !== null) (route as unknown as Record<string, string>)[name] = value;
  }
  if (!["round", "seat", "conflict"].includes(route.lens)) route.lens = "round";
  if (!["record", "seen", "raw"].includes(route.mode)) route.mode = "record";
  const span = /^(\d+)-(\d+)$/.exec(given.get("at") ?? "");
  if (span) route.at = [Number(span[1]), Number(span[2])];
  return route;
}

export function href(route: Route): string {
  if (route.page === "runs") return "#/";
  const part = encodeURIComponent;
  if (route.page === "compare") return `#/compare/${part(route.key)}/${part(route.other)}`;
  const query = new URLSearchParams();
  for (const name of NAMES) {
    const value = (route as unknown as Record<string, string>)[name];
    const start = (START as unknown as Record<string, string>)[name];
    if (value && value !== start) query.set(name, value);
  }
  if (route.at) query.set("at", `${route.at[0]}-${route.at[1]}`);
  const asked = query.toString();
  return `#/r/${part(route.key)}${asked ? `?${asked}` : ""}`;
}

/** The address of the same view with something changed; what was pointed at before is let go. */
export function to(route: Route, change: Partial<Route>): string {
  const pointed = { m: "", at: null, c: "", call: "", sec: "" };
  return href({ ...route, ...pointed, ...change });
}

export function go(address: string, replace = false): void {
  if (address === location.hash) {
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else if (replace) {
    history.replaceState(null, "", address);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = address;
  }
}

/** The address as it is now, with a number that grows whenever it is gone to, also if it is the same. */
export function useRoute(): [Route, number] {
  const [now, set] = useState<[Route, number]>([parse(location.hash), 0]);
  useEffect(() => {
    const changed = () => set(([, times]) => [parse(location.hash), times + 1]);
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return now;
}
