"""What the page shows of one record, as JSON in two parts: the core at once, the calls when asked for.

Everything is derived from the journal; the page computes nothing that the record does not say. Each
list is walked once, so that a record of ten thousand messages is as fast a message as one of ten.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from folkmoot.records.calls import Call, Reply
from folkmoot.records.journal_reader import JournalView
from folkmoot.records.outcome import Outcome
from folkmoot.records.transcript import Transcript

VIEW_SCHEMA = "view/1"


def core(view: JournalView, outcome: Outcome) -> dict[str, Any]:
    """All that the first view of a run needs: everything but prompts and replies word for word.

    Args:
        view: what stands in the journal.
        outcome: what it derives (`outcome_of(view)`).
    """
    seen, log = outcome.transcript, outcome.conflict_log
    return {
        "schema": VIEW_SCHEMA,
        "opening": seen.opening.plain(),
        "run": log.run.plain(),
        "status": outcome.status,
        "resumed": len(view.resumes),
        "redactions": _all(view.redactions),
        "migrations": _all(view.migrations),
        "waiting": list(view.pending),
        "text": outcome.answer,
        "answer": _plain(seen.answer),
        "decision": _plain(outcome.decision),
        "conflicts": [{**each.plain(), "serious": each.serious} for each in outcome.conflicts],
        "dissents": _all(outcome.dissents),
        "coverage": log.coverage.plain(),
        "ledger": outcome.ledger.plain(),
        "absences": _all(outcome.absences),
        "messages": _bare(seen.turns),
        "stances": _bare(seen.stances),
        "moves": _bare(seen.moves),
        "issues": _bare(seen.issues),
        "acts": _bare(seen.acts),
        "ballots": _bare(seen.ballots),
        "checks": _bare(seen.checks),
        "filterings": _bare(seen.filterings),
        "relations": _bare((*seen.relations, *seen.restatements)),
        "hearing": _hearing(view.calls, view.replies, seen),
        "steps": _steps(view.calls, seen),
        "times": _times(seen.replies),
    }


def calls(view: JournalView) -> dict[str, Any]:
    """Every call with its prompt and its reply, as they stand on record. A text, and a piece of a prompt,
    that many calls share is there once, and named by its place in `texts` and `pieces`."""
    texts: dict[str, int] = {}
    pieces: dict[tuple[str, int, str, int], int] = {}
    replies = view.replies
    found: list[dict[str, Any]] = []
    for call in view.calls:
        asked = call.model_dump(mode="json", exclude_none=True, exclude={"segments"})
        asked["id"] = call.id
        asked["pieces"] = [
            pieces.setdefault(
                (each.role, texts.setdefault(each.text, len(texts)), each.label, each.drop),
                len(pieces),
            )
            for each in call.segments
        ]
        reply = replies.get(call.id)
        if reply is not None:
            asked["reply"] = reply.model_dump(
                mode="json", exclude_none=True, exclude={"record", "step", "order"}
            )
        found.append(asked)
    found.sort(key=lambda each: (each["step"], each["order"]))
    return {"schema": VIEW_SCHEMA, "texts": list(texts), "pieces": list(pieces), "calls": found}


def _plain(value: Any) -> dict[str, object] | None:
    return None if value is None else value.plain()


def _all(values: Iterable[Any]) -> list[dict[str, object]]:
    return [each.plain() for each in values]


def _bare(values: Iterable[Any]) -> list[dict[str, object]]:
    """Records; without their type where all of a list are of one."""
    return [each.model_dump(mode="json", exclude_none=True) for each in values]


def _hearing(
    asked: Sequence[Call], replies: dict[str, Reply], seen: Transcript
) -> dict[str, object]:
    """Who was shown whose messages, from the prompts themselves: `links`, each of round, reader, author and
    how many, with the places of both in `seats`.

    A message counts once a round and reader, in however many prompts it stood. What did not fit into
    the context of a model was not heard in that call.
    """
    author = {turn.id: turn.seat for turn in seen.turns}
    heard: set[tuple[int, str, str]] = set()
    for call in asked:
        reply = replies.get(call.id)
        dropped = frozenset(reply.dropped) if reply is not None else frozenset[str]()
        heard.update(
            (call.round, call.seat, each.label)
            for each in call.segments
            if each.label in author and each.label not in dropped
        )
    counts = Counter((round, reader, author[message]) for round, reader, message in heard)
    seats = {seat: at for at, seat in enumerate(sorted({*author.values(), *(h[1] for h in heard)}))}
    links = ([r, seats[reader], seats[of], n] for (r, reader, of), n in sorted(counts.items()))
    return {"seats": list(seats), "links": list(links)}


def _steps(asked: Sequence[Call], seen: Transcript) -> list[dict[str, object]]:
    """The run as it went: each step with its stage, and how many calls, seats and messages it had."""
    steps: dict[int, dict[str, Any]] = {}
    for call in asked:
        step = steps.setdefault(
            call.step,
            {"step": call.step, "round": call.round, "stage": call.stage, "calls": 0}
            | {"seats": {}, "purposes": {}, "messages": 0},
        )
        step["calls"] += 1
        step["seats"][call.seat] = step["purposes"][call.purpose] = None
    for turn in seen.turns:
        if turn.step in steps:
            steps[turn.step]["messages"] += 1
    return [
        {**step, "seats": list(step["seats"]), "purposes": list(step["purposes"])}
        for _, step in sorted(steps.items())
    ]


def _times(replies: Iterable[Reply]) -> dict[str, dict[str, int]]:
    """Milliseconds by seat, where every answered call of the seat was timed: `took`, and `engine`."""
    found: dict[str, dict[str, int | None]] = {}
    for reply in replies:
        if reply.took_ms is None and reply.state in ("refused", "unavailable"):
            continue
        engine = reply.timing.engine if reply.timing is not None else None
        line = found.setdefault(reply.seat, {"took": 0, "engine": 0})
        for name, value in (("took", reply.took_ms), ("engine", engine)):
            sofar = line[name]
            line[name] = None if sofar is None or value is None else sofar + value
    return {
        seat: {name: value for name, value in line.items() if value is not None}
        for seat, line in found.items()
    }
