"""Which tokens a run took, and how long its texts were."""

import pytest

from folkmoot.eval import mean_tokens, tokens_of
from folkmoot.eval.tokens import Lengths, Written
from folkmoot.graphs import deliberate_sync
from folkmoot.protocols import Debate
from folkmoot.records import Ledger, LedgerLine, Reply, Transcript


@pytest.fixture
def outcome(panel, talk, pool_of, tmp_path):
    return deliberate_sync(
        "Is it so?",
        panel("ann", "bo"),
        Debate(),
        pool_of(talk()),
        options=("yes", "no"),
        record_dir=tmp_path,
    )


def with_ledger(outcome, aborted=None, **figures):
    line = LedgerLine(calls=3, **figures)
    return outcome._replace(ledger=Ledger(total=line, aborted=aborted))


def test_prompts_and_completions_are_counted_as_the_ledger_has_them(outcome):
    total = outcome.ledger.total
    assert tokens_of(outcome) == total.prompt + total.completion > 0
    assert tokens_of(outcome, "written") == total.completion > 0
    assert tokens_of(outcome, "computed") is None, "a script has no cache to report"


@pytest.mark.parametrize(("count", "tokens"), [("sent", 130), ("computed", 70), ("written", 30)])
def test_which_tokens_count_is_said(outcome, count, tokens):
    known = with_ledger(outcome, prompt=100, computed=40, cached=60, completion=30)
    assert tokens_of(known, count) == tokens


def test_what_was_called_off_was_paid_for(outcome):
    off = LedgerLine(calls=1, prompt=7, completion=2)
    assert tokens_of(with_ledger(outcome, off, prompt=100, completion=30)) == 139


def test_what_was_not_reported_is_not_zero(outcome):
    unknown = LedgerLine(calls=1)
    assert tokens_of(with_ledger(outcome, unknown, prompt=100, completion=30)) is None
    assert tokens_of(with_ledger(outcome, prompt=100)) is None
    assert mean_tokens([outcome, with_ledger(outcome)]) is None


def test_the_mean_of_several(outcome):
    runs = [with_ledger(outcome, prompt=prompt, completion=1) for prompt in (9, 19, 29)]
    assert mean_tokens(runs) == 20
    assert mean_tokens([]) is None


def test_lengths_follow_the_limits():
    lengths = Lengths((Written(10, 40, False), Written(40, 40, True), Written(30, 40, False)))
    assert lengths.mean() == pytest.approx(80 / 3)
    assert lengths.mean(50) == pytest.approx((10 + 20 + 20) / 3)
    assert lengths.mean(200) == pytest.approx((10 + 80 + 30) / 3)
    assert Lengths(()).mean() is None


def test_only_texts_are_texts(outcome):
    lengths = Lengths.of([outcome])
    texts = [reply for reply in outcome.transcript.replies if reply.logprobs is None]
    assert len(lengths.texts) == len(texts) > 0
    assert [each.tokens for each in lengths.texts] == [len(reply.text.split()) for reply in texts]
    assert {each.limit for each in lengths.texts} == {12}


def test_replies_without_figures_are_left_out(outcome):
    seen = outcome.transcript
    bare = [
        each.model_copy(update={"usage": None}) if isinstance(each, Reply) else each
        for each in seen
    ]
    assert Lengths.of([outcome._replace(transcript=Transcript(seen.opening, bare))]).texts == ()
