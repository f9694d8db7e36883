"""Import: a dialogue that was held elsewhere becomes a record, with the conflicts that its words show.

The messages are put into the journal as replies; then a protocol of two stages runs over them, as a run is
taken up again. So the record is verified, worked out again, shown and exported like any other. There is no
decision in it: nobody asked the speakers for one.
"""

import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from folkmoot.graphs.blocking import blocking
from folkmoot.graphs.build import build
from folkmoot.graphs.conduct import Conduct, Watch
from folkmoot.graphs.run import held, put, versions, walk
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation, Log, Setting, reference, seen_by, unroll, with_log
from folkmoot.protocols.clerk import CLERK, clerks
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.imported import Imported
from folkmoot.records import (
    Call,
    InputError,
    Journal,
    ModelRef,
    Opening,
    Outcome,
    Party,
    RecordError,
    Reply,
    outcome_of,
    scrub,
    write_derived,
)
from folkmoot.records.imports.dialogue import UNKNOWN, Dialogue, rounds

NAME, VERSION = "imported", "1"
"""Of the protocol that an imported record is of."""


async def import_dialogue(
    dialogue: Dialogue,
    record_dir: str | Path,
    *,
    question: str | None = None,
    options: tuple[str, ...] | None = None,
    of_values: bool = False,
    log: Log | None = None,
    pool: Pool | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Make a record of a dialogue.

    Args:
        dialogue: as `folkmoot.records.imports` reads it.
        record_dir: where the record's folder is made; it is called by the dialogue's name.
        question: what it is about; None: as the dialogue says.
        options: the positions that can be held; None: those that the dialogue names. Where there are none,
            the question is open and conflicts are found by a clerk alone.
        of_values: whether it is a question of values.
        log: how conflicts are found; a clerk is asked only where it is named.
        pool: what answers for the clerk; not needed without one.
        watch: hears every event.

    Raises:
        InputError: there is no question, a position that is not among the options, a log that asks the
            speakers, a clerk without a pool, or a record of that name. Nothing has been written then.
        RecordError: the record cannot be written. Nothing is left behind.
    """
    _askable(log)
    chosen = options or dialogue.options or _positions(dialogue) or None
    protocol = with_log(
        Composed(name=NAME, version=VERSION, parts=(_stage(dialogue, chosen), Contest())), log
    )
    seats = dialogue.speakers
    asked = clerks(protocol.parts(Setting(seats, chosen)))
    if asked and pool is None:
        raise InputError(f"{asked[0]!r} is to judge, and there is no pool", "give a pool")
    if asked and CLERK in seats:
        raise InputError(
            f"a speaker is called {CLERK!r}, and so is who judges claims",
            "call the speaker otherwise in the file",
        )
    answering = Pool.recorded(()) if pool is None or not asked else pool
    async with held(answering, asked, watch):
        opening = _opening(
            dialogue, question, chosen, of_values, protocol, answering if asked else None, asked
        )
        return await _write(dialogue, opening, protocol, answering, Path(record_dir), watch)


def importable(
    dialogues: Sequence[Dialogue],
    record_dir: str | Path,
    *,
    question: str | None = None,
    options: tuple[str, ...] | None = None,
    log: Log | None = None,
) -> None:
    """Find what is wrong with some dialogues before any record is made of them.

    Raises:
        InputError: as for `import_dialogue`, or two have one name.
    """
    names = Counter(each.name for each in dialogues)
    for name in (name for name, times in names.items() if times > 1):
        raise InputError(f"two dialogues are called {name!r}", "name them otherwise in the file")
    _askable(log)
    for each in dialogues:
        _about(each, question)
        _stage(each, options or each.options or _positions(each) or None)
        _free(Path(record_dir) / each.name)


import_dialogue_sync = blocking(import_dialogue)
"""`import_dialogue` for code that is not asynchronous."""


def _positions(dialogue: Dialogue) -> tuple[str, ...]:
    named = (each.position for each in dialogue.said)
    return tuple(dict.fromkeys(each for each in named if each is not None))


def _stage(dialogue: Dialogue, options: tuple[str, ...] | None) -> Imported:
    seats = {speaker: at for at, speaker in enumerate(dialogue.speakers)}
    numbers = {option: at for at, option in enumerate(options or (), 1)}
    for number, each in enumerate(dialogue.said, 1):
        if each.position is not None and each.position not in numbers:
            raise InputError(
                f"message {number} of {dialogue.name!r} is for {each.position!r}, which is no option",
                f"the options are {', '.join(map(repr, options or ()))}",
            )
    speakers = [each.speaker for each in dialogue.said]
    given = tuple(each.round for each in dialogue.said if each.round is not None)
    choices = tuple(numbers[each.position] if each.position else 0 for each in dialogue.said)
    replies = tuple(each.replies_to for each in dialogue.said)
    return Imported(
        seats=tuple(seats[each] for each in speakers),
        rounds=given if len(given) == len(speakers) else rounds(speakers),
        choices=choices if any(choices) else (),
        replies_to=replies if any(replies) else (),
    )


def _askable(log: Log | None) -> None:
    named = ("declare", "ratify", "reopen")
    for each in (name for name in named if log is not None and getattr(log, name)):
        raise InputError(
            f"--log {each}: speakers of a transcript cannot be asked",
            "a clerk can: --log clerk=MODEL",
        )


def _about(dialogue: Dialogue, question: str | None) -> str:
    about = question or dialogue.question
    if not about or not about.strip():
        raise InputError(
            f"what is {dialogue.name!r} about? It names no question",
            "--question TEXT, or a field `question` in the file",
        )
    return scrub(about)


def _free(folder: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise InputError(
            f"{str(folder)!r} is there already", "give another folder with --to, or move it away"
        )


def _opening(
    dialogue: Dialogue,
    question: str | None,
    options: tuple[str, ...] | None,
    of_values: bool,
    protocol: Deliberation,
    pool: Pool | None,
    asked: tuple[str, ...],
) -> Opening:
    models: dict[str, str] = {}
    for each in dialogue.said:
        if each.model is not None:
            models.setdefault(each.speaker, each.model)
    named = tuple(ModelRef(name=model, source=NAME) for model in dict.fromkeys(models.values()))
    return Opening(
        run_id=dialogue.name,
        question=_about(dialogue, question),
        options=options,
        of_values=of_values,
        seed=0,
        parties=tuple(
            Party(seat=seat, model=models.get(seat, UNKNOWN), stance="stated")
            for seat in dialogue.speakers
        ),
        protocol=reference(protocol, Setting(dialogue.speakers, options)),
        models=(*named, *(pool.references(asked) if pool else ())),
        engines=pool.describe() if pool else (),
        replay="none",
        started=datetime.now(UTC).isoformat(timespec="milliseconds"),
        versions=versions(),
        imported=dialogue.origin,
    )


async def _write(
    dialogue: Dialogue,
    opening: Opening,
    protocol: Deliberation,
    pool: Pool,
    record_dir: Path,
    watch: Watch | None,
) -> Outcome:
    """Write the record beside its place and rename it when it is whole."""
    folder = record_dir / dialogue.name
    _free(folder)
    passing = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.new")
    setting = Setting.of(opening)
    try:
        with Journal.create(passing, opening) as journal:
            first = unroll(protocol.parts(setting))[0]
            put(_heard(dialogue, first.stage.ask(seen_by(first, opening, ()))), journal)
            await walk(build(protocol, setting), Conduct(journal, pool, watch))
            journal.close()
            view = journal.view()
        write_derived(passing, outcome_of(view))
        passing.rename(folder)
    except OSError as error:
        raise RecordError(f"cannot write {str(folder)!r}: {error.strerror}") from error
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    return outcome_of(view, folder)


def _heard(dialogue: Dialogue, calls: Sequence[Call]) -> Iterator[tuple[Call, Reply]]:
    """Each call with its message as the reply."""
    for call, said in zip(calls, dialogue.said, strict=True):
        state = "ok" if said.text.strip() else "empty"
        yield call, Reply.to(call, state, text=said.text, usage=said.usage, engine=NAME)
