"""Course: questions that are run once, and found again where they were run before."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from folkmoot.agents import Panel
from folkmoot.graphs import Question, Watch, deliberate, resume_as
from folkmoot.graphs.check import as_options
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation, Setting, reference
from folkmoot.records import InputError, Opening, Outcome, RecordError, load


class Asked(NamedTuple):
    """A question of a set."""

    place: int
    id: str
    """Names its record within an arm."""
    text: str
    options: tuple[str, ...] | None
    of_values: bool = False


def numbered(
    questions: Iterable[Question | str], options: Sequence[str] | None
) -> tuple[Asked, ...]:
    """The questions of a set, each with an id: its own, or `q1`, `q2` and so on.

    Raises:
        InputError: there are none, two have one id, or an id is no name of a folder.
    """
    found: list[Asked] = []
    for place, each in enumerate(questions):
        given = Question(each, as_options(options)) if isinstance(each, str) else each
        name = given.id or f"q{place + 1}"
        if Path(name).name != name or name == ".." or "\0" in name:
            raise InputError(f"{name!r} cannot name a record", "an id is the name of a folder")
        shown = as_options(given.options)
        found.append(Asked(place, name, given.text, shown, given.of_values))
    if not found:
        raise InputError("there is no question", "give at least one")
    ids = [each.id for each in found]
    if len(set(ids)) < len(ids):
        twice = Counter(ids).most_common(1)[0][0]
        raise InputError(f"two questions have the id {twice!r}", "ids name records: they differ")
    return tuple(found)


class Course(NamedTuple):
    """Where runs are held and recorded."""

    pool: Pool
    folder: Path
    watch: Watch | None = None

    async def run(
        self,
        arm: str,
        asked: Asked,
        panel: Panel,
        protocol: Deliberation,
        seed: int,
        size: int | None = None,
    ) -> Outcome:
        """One question in one arm; recorded in `folder/arm/id`, with the size after it if it has one.

        A run that ended there is taken as it is, one that was stopped is taken up.

        Raises:
            InputError: as `deliberate`.
            RecordError: the record there is of another run.
        """
        name = asked.id if size is None else f"{asked.id}-{size}"
        folder = self.folder / arm / name
        if not _recorded(folder):
            return await deliberate(
                asked.text,
                panel,
                protocol,
                self.pool,
                options=asked.options,
                of_values=asked.of_values,
                seed=seed,
                record_dir=folder.parent,
                run_id=folder.name,
                watch=self.watch,
            )
        standing = load(folder)
        if differing := differs(standing.transcript.opening, asked, panel, protocol, seed):
            raise RecordError(
                f"{str(folder)!r} is the record of another run: {differing} differs",
                "give another record_dir, or move it away",
            )
        if standing.status == "complete":
            return standing
        return await resume_as(folder, protocol, self.pool, self.watch)


def differs(
    opening: Opening, asked: Asked, panel: Panel, protocol: Deliberation, seed: int | None
) -> str:
    """What of a run is not as it is asked for; "" if nothing.

    Args:
        seed: None for any.
    """
    begun = (opening.question, opening.options, opening.of_values)
    if begun != (asked.text, asked.options, asked.of_values):
        return "the question"
    if opening.parties != panel.parties():
        return "the panel"
    if opening.protocol != reference(protocol, Setting.of(opening)):
        return "the protocol"
    return "the seed" if seed is not None and opening.seed != seed else ""


def found(
    records: Sequence[Path | str | Outcome],
    asked: Sequence[Asked],
    panel: Panel,
    protocol: Deliberation,
) -> tuple[Outcome, ...]:
    """The protocol's runs that are on record, in the order of the questions.

    Raises:
        InputError: a question has none, or its record is of another panel or protocol, or not ended.
        RecordError: there is no record in a folder.
    """
    runs = [each if isinstance(each, Outcome) else load(each) for each in records]
    by_question = {
        (run.transcript.opening.question, run.transcript.opening.options): run for run in runs
    }
    ordered: list[Outcome] = []
    for each in asked:
        run = by_question.get((each.text, each.options))
        if run is None:
            raise InputError(
                f"no record is of the question {each.text!r} with these options",
                "give a record for each question",
            )
        differing = differs(run.transcript.opening, each, panel, protocol, None)
        if differing or run.status != "complete":
            what = f"{differing} differs" if differing else "the run has not ended"
            raise InputError(
                f"the record of {each.text!r} is no target: {what}",
                "give the panel and the protocol that it was recorded with",
            )
        ordered.append(run)
    return tuple(ordered)


def _recorded(folder: Path) -> bool:
    """Whether something is on record there; a folder that was only made is taken away again."""
    if not folder.exists():
        return False
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        return False
    return True
