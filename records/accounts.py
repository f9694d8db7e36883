"""Accounts: what every call of a run cost, and what seats, contributors, engines and purposes owe.

The ledger says how many tokens a run cost. An account adds whose they were, where the time went,
and two ways to share the cost of a prefix that a cache served:

- **first toucher**: who came first computed it and pays for it, whoever read it later reads it
  free. It is what the engine reports as `computed`.
- **equal split**: every part of a prompt is paid for in equal parts by all calls that began with it
  (as the Shapley value of the game in which a group of calls costs the distinct prefixes it needs:
  each node of their prefix tree is split between the calls below it). Parts are measured in
  characters of the prompts' segments, since nobody reports the tokens of a part; the sum over the
  calls of one engine and model is what was computed for them.

Seconds of an engine are split by tokens: a call pays for its computed and its generated ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from folkmoot.records.base import Frozen
from folkmoot.records.calls import Call, Reply
from folkmoot.records.journal_reader import JournalView

UNNAMED = "(nobody named)"
"""The contributor of a seat that names none."""


class Account(Frozen):
    """What some calls cost. A figure that one of them does not have is absent in the sum."""

    calls: int
    retries: int = 0
    prompt: int | None = None
    computed: int | None = None
    """Prompt tokens that had to be computed: each prefix is paid for by its first toucher."""
    split: float | None = None
    """The same tokens, each prefix paid for by all who used it."""
    cached: int | None = None
    completion: int | None = None
    waited_s: float | None = None
    """In the pool, for a place on the engine."""
    queued_s: float | None = None
    """In the engine, before they were begun."""
    prefill_s: float | None = None
    decode_s: float | None = None
    engine_s: float | None = None
    """Seconds of the engine, by token share: of a GPU where it runs on one."""


class CallAccount(Account):
    """What one call cost, and whose it was."""

    call: str
    seat: str
    contributor: str
    engine: str
    model: str
    purpose: str
    retried_for: tuple[str, ...] = ()


class Accounts(Frozen):
    """What a run cost, counted in four ways. Each has the same total."""

    seats: dict[str, Account]
    contributors: dict[str, Account]
    engines: dict[str, Account]
    purposes: dict[str, Account]
    """What calls were for: judges and clerks stand here on lines of their own."""
    total: Account
    calls: tuple[CallAccount, ...]
    """In the order in which they were asked."""


def accounts(view: JournalView) -> Accounts:
    """The accounts of a run, from its journal. Calls that got no reply are not among them."""
    replies = view.replies
    answered = [call for call in view.calls if call.id in replies]
    contributors = {each.seat: each.contributor or UNNAMED for each in view.opening.parties}
    split = _equal_split(answered, replies)
    seconds = _by_tokens(replies.values())
    rows = [_row(call, replies[call.id], contributors, split, seconds) for call in answered]
    return Accounts(
        seats=_grouped((row.seat, row) for row in rows),
        contributors=_grouped((row.contributor, row) for row in rows),
        engines=_grouped((row.engine, row) for row in rows),
        purposes=_grouped((row.purpose, row) for row in rows),
        total=total_of(rows),
        calls=tuple(rows),
    )


def _row(
    call: Call,
    reply: Reply,
    contributors: dict[str, str],
    split: dict[str, float],
    seconds: dict[str, float],
) -> CallAccount:
    usage, timing = reply.usage, reply.timing
    return CallAccount(
        calls=1,
        retries=reply.retries,
        prompt=usage and usage.prompt,
        computed=usage and usage.computed,
        split=split.get(call.id),
        cached=usage and usage.cached,
        completion=usage and usage.completion,
        waited_s=timing and _seconds(timing.waited),
        queued_s=timing and _seconds(timing.queued),
        prefill_s=timing and _seconds(timing.prefill),
        decode_s=timing and _seconds(timing.decode),
        engine_s=seconds.get(call.id),
        call=call.id,
        seat=call.seat,
        contributor=contributors.get(call.seat, UNNAMED),
        engine=reply.engine or "",
        model=call.model,
        purpose=call.purpose,
        retried_for=reply.retried_for,
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _equal_split(calls: Sequence[Call], replies: dict[str, Reply]) -> dict[str, float]:
    """Call id → its part of the tokens computed for all calls of its engine and model."""
    caches: dict[tuple[str | None, str], list[Call]] = defaultdict(list)
    for call in calls:
        if call.op in ("generate", "choose") and replies[call.id].usage is not None:
            caches[replies[call.id].engine, call.model].append(call)
    split: dict[str, float] = {}
    for sharing in caches.values():
        computed = _known([(u := replies[each.id].usage) and u.computed for each in sharing])
        if computed is None:
            continue
        weights = _tree_weights(sharing)
        whole = sum(weights.values())
        for call, weight in weights.items():
            split[call] = computed * weight / whole if whole else 0.0
    return split


def _tree_weights(calls: Sequence[Call]) -> dict[str, float]:
    """Call id → characters of its prompt, each node of the prefix tree split between its users."""
    paths = {call.id: tuple(_path(call)) for call in calls}
    users: dict[tuple[int, ...], int] = defaultdict(int)
    for path in paths.values():
        for node, _ in path:
            users[node] += 1
    return {call: sum(size / users[node] for node, size in path) for call, path in paths.items()}


def _path(call: Call) -> Iterable[tuple[tuple[int, ...], int]]:
    """The nodes of a prompt in the prefix tree, each with its characters."""
    before = 0
    for depth, segment in enumerate(call.segments):
        before = hash((before, segment.role, segment.text))
        yield (depth, before), len(segment.text)


def _by_tokens(replies: Iterable[Reply]) -> dict[str, float]:
    """Call id → its part of its engine's seconds, by computed and generated tokens."""
    engines: dict[str | None, list[Reply]] = defaultdict(list)
    for reply in replies:
        if reply.usage is not None:
            engines[reply.engine].append(reply)
    parts: dict[str, float] = {}
    for served in engines.values():
        worked = _known([reply.timing and reply.timing.engine for reply in served])
        tokens = {reply.call: _paid_tokens(reply) for reply in served}
        whole = sum(tokens.values())
        if worked is None or not whole:
            continue
        parts |= {call: worked / 1000 * paid / whole for call, paid in tokens.items()}
    return parts


def _paid_tokens(reply: Reply) -> int:
    usage = reply.usage
    assert usage is not None
    computed = usage.prompt if usage.computed is None else usage.computed
    return computed + usage.completion


def _grouped(rows: Iterable[tuple[str, CallAccount]]) -> dict[str, Account]:
    groups: dict[str, list[CallAccount]] = defaultdict(list)
    for name, row in rows:
        groups[name].append(row)
    return {name: total_of(of) for name, of in groups.items()}


def total_of(rows: Sequence[CallAccount]) -> Account:
    """What some calls cost together, of one run or of several.

    Calls that an engine refused or never answered have no tokens: they count, and cost none.
    """
    paid = [row for row in rows if row.prompt is not None]
    return Account(
        calls=len(rows),
        retries=sum(row.retries for row in rows),
        prompt=_known([row.prompt for row in paid]),
        computed=_known([row.computed for row in paid]),
        split=_rounded([row.split for row in paid], 2),
        cached=_known([row.cached for row in paid]),
        completion=_known([row.completion for row in paid]),
        waited_s=_rounded([row.waited_s for row in paid], 3),
        queued_s=_rounded([row.queued_s for row in paid], 3),
        prefill_s=_rounded([row.prefill_s for row in paid], 3),
        decode_s=_rounded([row.decode_s for row in paid], 3),
        engine_s=_rounded([row.engine_s for row in paid], 3),
    )


def _known(figures: Sequence[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known and len(known) == len(figures) else None


def _rounded(figures: Sequence[float | None], digits: int) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return round(sum(known), digits) if known and len(known) == len(figures) else None
