// The keys, in one place: what is listed here is what works.
import { useEffect, useRef } from "preact/hooks";

export const KEYS: [string, string][] = [
  ["/", "search"],
  ["j  k", "next, previous message"],
  ["n  p", "next, previous conflict"],
  ["1  2  3", "transcript by round, by seat, by conflict"],
  ["r  s  w", "the record, as a seat saw it, raw"],
  ["e", "the same through the next seat's eyes"],
  ["g", "who heard whom"],
  ["c", "tokens and time"],
  ["i", "integrity"],
  ["a", "annotate"],
  ["x", "compare with another run"],
  ["l", "the list of runs"],
  ["[  ]", "previous, next run"],
  ["t", "light, dark"],
  ["?", "these keys"],
  ["Esc", "close, let go"],
];

export function Help({ close }: { close: () => void }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    <dialog ref={box} onClose={close} aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={keys}><dt>{keys.split("  ").map((each) => <kbd key={each}>{each}</kbd>)}</dt><dd>{what}</dd></div>
        ))}
      </dl>
      <form method="dialog"><button type="submit">Close</button></form>
    </dialog>
  );
}
