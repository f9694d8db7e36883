"""Whether its answers can be used, and what one costs: `format` and `cost`, on the same whole answers.

A whole answer is what a blind round asks of a seat: the weighing of the options in both orders, then its reason in
words.
"""

import math
import re
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from folkmoot.agents.intake import Finding, Verdict
from folkmoot.eval.contribution.probes.asking import Spoken
from folkmoot.eval.contribution.probes.case import Case, digest_of, figures
from folkmoot.eval.contribution.probes.items import mixed
from folkmoot.eval.statistics import mean
from folkmoot.records import Reply, Usage

UNREAD = 0.1
"""Share of weighings that may be unreadable."""
WORSE = 0.25
"""Share of answers in words by which it may be worse than its base."""
USABLE = 0.8
"""Share of answers in words under which it is to be looked at."""
MASS = 0.05
"""Probability that the options together should have as the next word."""
CEILING, DEAR = 2.0, 1.5
"""Tokens of an answer for one token of its base: where it fails, and where it is to be looked at."""

_MARKUP = re.compile(
    r"<\|[^<>\s]{1,64}\|>|</?\s*message\b|^\s*(?:system|user|assistant|\[moderator\])\s*:",
    re.I | re.M,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LOOP_WORDS, _LOOP_SHARE = 20, 0.4


async def format_compliance(case: Case) -> Finding:
    """Whether it weighs options and writes words that can be used."""
    items = mixed(case.drawn("answers"), case.size.answers)
    mine = await case.asking.spoken(case.seat, items)
    base = None if case.base is None else await case.asking.spoken(case.base, items)
    weighed = [reply for each in mine for reply in each.replies if reply is not each.words]
    unread = sum(not _weighs(reply) for reply in weighed) / len(weighed)
    mass = fmean([_mass(reply) for reply in weighed if _weighs(reply)] or [0.0])
    good = [float(usable(each)) for each in mine]
    evidence: dict[str, Any] = {
        "answers": len(mine),
        "unread": round(unread, 4),
        "mass_on_options": round(mass, 4),
        "usable": round(fmean(good), 4),
        "drawn": digest_of(items),
    }
    if refused := [reply.error for reply in weighed if reply.error]:
        evidence["refused"] = refused[0]
    worse = None
    if base is not None:
        theirs = [float(usable(each)) for each in base]
        worse = mean([b - a for a, b in zip(good, theirs, strict=True)])
        evidence |= {"base_usable": round(fmean(theirs), 4), "worse_than_base": figures(worse)}
    verdict: Verdict = "passed"
    if unread > UNREAD or (worse is not None and worse.low > WORSE):
        verdict = "failed"
    elif fmean(good) < USABLE or mass < MASS:
        verdict = "warned"
    return Finding(
        check="format",
        verdict=verdict,
        said=f"{fmean(good):.0%} of {len(mine)} answers in words can be used, {unread:.0%} of the weighings cannot be "
        f"read, the options have {mass:.0%} of the next word",
        mend=""
        if verdict == "passed"
        else "train it on the prompts of a deliberation: `folkmoot contribution train`",
        evidence=evidence,
        threshold=f"fails above {UNREAD:.0%} unreadable, or over {WORSE:.0%} fewer usable answers than its base, "
        f"interval and all; warns under {USABLE:.0%} usable or {MASS:.0%} on the options",
    )


def usable(answer: Spoken) -> bool:
    """Whether words came that others can read: some, without marks of turns or control characters, and
    not the same few over and over."""
    words = answer.words
    if words is None or words.state not in ("ok", "cut_off") or not words.text.strip():
        return False
    return not (_MARKUP.search(words.text) or _CONTROL.search(words.text) or _loops(words.text))


def _loops(text: str) -> bool:
    words = text.split()
    triples = list(zip(words, words[1:], words[2:], strict=False))
    return len(words) >= _LOOP_WORDS and len(set(triples)) < _LOOP_SHARE * len(triples)


def _weighs(reply: Reply) -> bool:
    return reply.logprobs is not None and all(map(math.isfinite, reply.logprobs))


def _mass(reply: Reply) -> float:
    return sum(math.exp(each) for each in reply.logprobs or ())


async def cost(case: Case) -> Finding:
    """What an answer costs, in tokens of an answer of its base."""
    items = mixed(case.drawn("answers"), case.size.answers)
    mine = await case.asking.spoken(case.seat, items)
    base = None if case.base is None else await case.asking.spoken(case.base, items)
    own, theirs = _tokens(mine), None if base is None else _tokens(base)
    if own is None or not theirs:
        why = "there is no base to compare with" if base is None else "the engine reports no tokens"
        return Finding(check="cost", verdict="not_asked", said=why)
    ratio = own / theirs
    verdict: Verdict = "failed" if ratio > CEILING else "warned" if ratio > DEAR else "passed"
    return Finding(
        check="cost",
        verdict=verdict,
        said=f"an answer takes {own / len(mine):.0f} tokens, {ratio:.2f} times its base's",
        mend="" if verdict == "passed" else "teach it to end where it has said enough",
        evidence={
            "answers": len(mine),
            "tokens": own,
            "base_tokens": theirs,
            "ratio": round(ratio, 4),
            "seconds": _seconds(mine),
            "base_seconds": _seconds(base or ()),
            "drawn": digest_of(items),
        },
        threshold=f"fails above {CEILING} times the tokens of its base, warns above {DEAR}; seconds are shown and "
        "decide nothing",
    )


def _tokens(answers: Sequence[Spoken]) -> int | None:
    """All that was read and written, None where the engine does not say."""
    used = Usage.sum(reply.usage for each in answers for reply in each.replies)
    return None if used is None else used.prompt + used.completion


def _seconds(answers: Sequence[Spoken]) -> float:
    took = [reply.took_ms or 0 for each in answers for reply in each.replies]
    return round(sum(took) / 1000, 2)
