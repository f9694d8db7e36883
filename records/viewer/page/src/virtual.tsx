// A list that draws what is on the screen: ten thousand messages are as fast as ten.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from "preact/hooks";

const GUESS = 120;
const AROUND = 900;

interface Props<T> {
  rows: T[];
  keyOf: (row: T) => string;
  draw: (row: T) => ComponentChildren;
  /** The row to be brought into sight whenever `times` changes. */
  target: string;
  times: number;
  label: string;
  /** Everything is drawn, for paper. */
  whole: boolean;
}

export function Virtual<T>({ rows, keyOf, draw, target, times, label, whole }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const heights = useRef(new Map<string, number>());
  const seen = useRef(new WeakMap<Element, string>());
  const [measured, again] = useReducer((n: number, _: void) => n + 1, 0);
  const keys = useMemo(() => rows.map(keyOf), [rows]);
  const place = useMemo(() => new Map(keys.map((key, at) => [key, at])), [keys]);
  const tops = useMemo(() => {
    const found = new Float64Array(keys.length + 1);
    for (let at = 0; at < keys.length; at++) {
      found[at + 1] = (found[at] as number) + (heights.current.get(keys[at] as string) ?? GUESS);
    }
    return found;
  }, [keys, measured]);

  // What is measured above the first row in sight moves it: the scroll goes along.
  const latest = useRef({ tops, place });
  latest.current = { tops, place };
  const observer = useMemo(
    () =>
      new ResizeObserver((changes) => {
        let changed = false;
        let shift = 0;
        const top = box.current?.scrollTop ?? 0;
        for (const { target: row } of changes) {
          const key = seen.current.get(row);
          const height = (row as HTMLElement).offsetHeight;
          if (key === undefined || !height || heights.current.get(key) === height) continue;
          const at = latest.current.place.get(key) ?? 0;
          if ((latest.current.tops[at + 1] as number) <= top) {
            shift += height - (heights.current.get(key) ?? GUESS);
          }
          heights.current.set(key, height);
          changed = true;
        }
        if (changed) again();
        if (shift && box.current) box.current.scrollTop += shift;
      }),
    [],
  );
  useEffect(() => () => observer.disconnect(), []);

  useLayoutEffect(() => {
    const index = place.get(target);
    const view = box.current;
    if (index === undefined || !view || whole) return;
    // Rows are measured as they come into sight, so the place is corrected until it stays.
    let tries = 8;
    let frame = 0;
    const settle = () => {
      const want = Math.max(0, (latest.current.tops[index] as number) - 60);
      if (Math.abs(view.scrollTop - want) > 2) view.scrollTop = want;
      if (tries-- > 0) frame = requestAnimationFrame(settle);
    };
    settle();
    return () => cancelAnimationFrame(frame);
  }, [target, times, place, whole]);

  const top = box.current?.scrollTop ?? 0;
  const height = box.current?.clientHeight || 900;
  const first = whole ? 0 : below(tops, top - AROUND);
  const last = whole ? keys.length : Math.min(keys.length, below(tops, top + height + AROUND) + 1);
  const watch = (row: HTMLElement, key: string) => {
    seen.current.set(row, key);
    observer.observe(row);
    return () => observer.unobserve(row);
  };
  return (
    <div class="scroll" ref={box} onScroll={() => again()} tabIndex={0} role="region" aria-label={label}>
      <div class="tall" style={whole ? {} : { height: `${tops[keys.length]}px` }}>
        <div class="window" style={whole ? {} : { transform: `translateY(${tops[first]}px)` }}>
          {rows.slice(first, last).map((row, n) => {
            const key = keys[first + n] as string;
            return (
              <Drawn key={key} name={key} watch={watch}>{draw(row)}</Drawn>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface DrawnProps {
  name: string;
  watch: (row: HTMLElement, name: string) => () => void;
  children: ComponentChildren;
}

function Drawn({ name, watch, children }: DrawnProps) {
  const row = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (row.current ? watch(row.current, name) : undefined), [name]);
  return <div class="row" ref={row}>{children}</div>;
}

/** The last row whose top is not below a height. */
function below(tops: Float64Array, height: number): number {
  let low = 0;
  let high = tops.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] as number) <= height) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
