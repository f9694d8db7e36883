// What people and scanners noted; and a form to add a note, where there is a server to keep it.
import { useEffect, useState } from "preact/hooks";
import { source } from "./source";
import type { Note } from "./types";
import { C, M, Section, useHere } from "./parts";
import { to } from "./route";
import { plural, Visible, when, words } from "./text";

export function Notes() {
  const { model, route } = useHere();
  const [notes, setNotes] = useState<Note[] | null>(null);
  const [fault, setFault] = useState("");
  useEffect(() => {
    source.notes(route.key).then(setNotes, (why: Error) => setFault(why.message));
  }, [route.key]);
  const gone = new Set((notes ?? []).map((each) => each.corrects));
  return (
    <Section id="notes" title="Annotations" sub={notes?.length ? `${plural(notes.length, "note")}, beside the journal and not in it` : "None yet. They are kept beside the journal, not in it."}>
      {fault && <p class="fault" role="alert"><Visible text={fault} /></p>}
      {(notes ?? []).slice(-500).map((each) => (
        <article key={each.id} class={`note ${gone.has(each.id) ? "gone" : ""}`}>
          <p>
            <About note={each} />{" "}
            {each.label && <strong><Visible text={each.label} />{each.value !== undefined && <>: <Visible text={String(each.value)} /></>}</strong>}{" "}
            {each.note && <Visible text={each.note} />}
            {each.reason && <span class="dim"> because <Visible text={each.reason} /></span>}
          </p>
          <p class="dim small">
            {each.id} · {words(each.kind)}{each.corrects && ` of ${each.corrects}`} by <Visible text={each.by} /> · {when(each.at)}
            {gone.has(each.id) && " · corrected"}
          </p>
        </article>
      ))}
      {source.live && !fault && <Form about={route.m || route.c || (model.core.conflicts.length ? "" : "record")} key={route.m + route.c} kept={setNotes} />}
    </Section>
  );
}

function About({ note }: { note: Note }) {
  const { model, route } = useHere();
  const { what, id, start, end } = note.about;
  if (what === "message" && id) return <M id={id} at={start !== undefined && end !== undefined ? [start, end] : undefined} />;
  if (what === "conflict" && id && model.conflicts.has(id)) return <C id={id} />;
  if (what === "call" && id) return <a class="ref" href={to(route, { mode: "raw", call: id })}>{id}</a>;
  return <span class="dim">{what}</span>;
}

function Form({ about, kept }: { about: string; kept: (notes: Note[]) => void }) {
  const { model, route } = useHere();
  const [fault, setFault] = useState("");
  const [sending, setSending] = useState(false);
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    setSending(true);
    try {
      const sent = { about: text("about") || "record", by: text("by"), label: text("label"), note: text("note") };
      kept(await source.annotate(route.key, sent));
      setFault("");
      form.reset();
    } catch (why) {
      setFault((why as Error).message);
    }
    setSending(false);
  };
  const things = ["record", "answer", "decision", ...model.core.conflicts.slice(0, 200).map((each) => each.id)];
  const known = things.includes(about) || !about ? things : [about, ...things];
  return (
    <form class="noprint" onSubmit={send} aria-label="Annotate">
      <label>about <select name="about" defaultValue={about || "record"}>{known.map((each) => <option key={each} value={each} selected={each === (about || "record")}>{each}</option>)}</select></label>
      <label>by <input name="by" required maxLength={200} autoComplete="name" /></label>
      <label>label <input name="label" maxLength={200} /></label>
      <label class="long">note <textarea name="note" rows={2} id="note" /></label>
      <button type="submit" disabled={sending}>Annotate</button>
      {fault && <p class="fault" role="alert"><Visible text={fault} /></p>}
    </form>
  );
}
