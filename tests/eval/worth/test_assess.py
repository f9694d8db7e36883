"""Worth over records: statements, costs that add up, and no verdict that nothing shows."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.eval.statistics import Interval
from folkmoot.eval.worth import Gold, markdown, read_gold, worth
from folkmoot.eval.worth.statement import LEAST_QUESTIONS, Plurality, Quality
from folkmoot.graphs.many import deliberate_many
from folkmoot.pool import Pool
from folkmoot.protocols import BlindVote
from folkmoot.records import Call, InputError, JournalError, Reply, Timing, Usage, load

RIGHT = ("yes", "no")
QUESTIONS = tuple(f"Is number {n} even?" for n in range(1, 25))
GOLD = tuple(
    Gold(question=question, answer=RIGHT[n % 2], task="sums" if n < 22 else "other")
    for n, question in enumerate(QUESTIONS, start=1)
)
ANSWERS = {gold.question: gold.answer for gold in GOLD}


class Knowing:
    """Seats that are right as often as they are said to be; what each call costs is on its reply.

    Attributes:
        paid: tokens of prompts and of replies, by all calls.
    """

    def __init__(self, engine_ms: int | None = 10, **wrong_every: int) -> None:
        self.wrong_every, self.engine_ms = wrong_every, engine_ms
        self.paid = [0, 0]
        self.calls = 0

    def __call__(self, call: Call) -> Reply:
        self.calls += 1
        prompt = sum(len(segment.text) for segment in call.segments)
        written = 3 if call.op == "generate" else 0
        self.paid[0] += prompt
        self.paid[1] += written
        question = next(s.text for s in call.segments if s.label == "question")
        question = question.removeprefix("Question: ").strip()
        every = self.wrong_every[call.seat]
        number = QUESTIONS.index(question) + 1
        answer = ANSWERS[question]
        if every and number % every == 0:
            answer = RIGHT[1 - RIGHT.index(answer)]
        logs = tuple(-0.1 if o.strip() == answer else -2.3 for o in call.options)
        return Reply.to(
            call,
            "ok",
            text="So I say." if call.op == "generate" else "",
            logprobs=logs or None,
            usage=Usage(prompt=prompt, cached=0, completion=written),
            engine="one",
            took_ms=None if self.engine_ms is None else 5,
            timing=None if self.engine_ms is None else Timing(engine=self.engine_ms),
        )


def panel_of(*agents: Agent) -> Panel:
    return Panel(agents)


def agent(name: str, model: str | None = None, **fields: Any) -> Agent:
    said = Perspective(statement=f"I am {name}.")
    return Agent(name, model=model or f"model-{name}", perspective=said, **fields)


@pytest.fixture
def hold(tmp_path: Path) -> Callable[..., Path]:
    """Hold runs on some of the questions; the folder of their records."""

    def run(
        knowing: Knowing, panel: Panel, questions: int = len(QUESTIONS), to: str = "runs"
    ) -> Path:
        async def all_of_them() -> None:
            many = deliberate_many(
                QUESTIONS[:questions],
                panel,
                BlindVote(rule="plurality"),
                Pool.scripted(knowing),
                options=RIGHT,
                record_dir=tmp_path / to,
            )
            async for _ in many:
                pass

        asyncio.run(all_of_them())
        return tmp_path / to

    return run


def test_who_is_mostly_wrong_lowers_accuracy_and_who_is_right_raises_it(hold) -> None:
    seats = (agent("ann", contributor="acme"), agent("bo"), agent("cy", priorities=("sums", "odd")))
    runs = hold(Knowing(ann=0, bo=5, cy=1), panel_of(*seats))
    found = worth([runs], GOLD)
    by = {each.name: each for each in found.statements}
    assert list(by) == ["acme", "seat bo", "seat cy"]
    assert [each.quality.verdict for each in by.values()] == [
        "raises accuracy",
        "raises accuracy",
        "lowers accuracy",
    ]
    assert [each.quality.alone for each in by.values()] == pytest.approx([1.0, 20 / 24, 0.0])
    assert found.accuracy == pytest.approx(20 / 24)
    total = sum(each.quality.value for each in found.statements)
    assert total == pytest.approx(20 / 24 - 0.5), "together they are accuracy above a guess"
    sums, odd = by["seat cy"].priorities
    assert (sums.task, sums.questions, sums.alone) == ("sums", 21, 0.0)
    assert sums.verdict == "the panel does better than its model alone"
    assert (odd.task, odd.questions, odd.verdict) == ("odd", 0, "not measured")


def test_what_it_cost_adds_up_to_what_the_pool_was_paid(hold) -> None:
    knowing = Knowing(ann=0, bo=3, cy=4)
    runs = hold(knowing, panel_of(agent("ann", contributor="a"), agent("bo"), agent("cy")), 6)
    found = worth([runs], GOLD)
    costs = [each.cost for each in found.statements]
    assert found.others.calls == 0
    for of in (costs, [found.total]):
        assert sum(cost.calls for cost in of) == knowing.calls
        assert sum(cost.prompt or 0 for cost in of) == knowing.paid[0]
        assert sum(cost.completion or 0 for cost in of) == knowing.paid[1]
        assert sum(cost.computed or 0 for cost in of) == knowing.paid[0]
    ledgers = [load(folder).ledger for folder in runs.iterdir()]
    assert sum(ledger.total.prompt or 0 for ledger in ledgers) == knowing.paid[0]
    assert sum(cost.split or 0 for cost in costs) == pytest.approx(knowing.paid[0], abs=1)
    seconds = sum(cost.engine_s or 0 for cost in costs)
    assert seconds == pytest.approx(knowing.calls * 0.01, abs=0.01)


def test_worth_for_an_engine_second_is_worth_over_seconds(hold) -> None:
    runs = hold(Knowing(ann=0, bo=3, cy=4), panel_of(agent("ann"), agent("bo"), agent("cy")))
    for each in worth([runs], GOLD).statements:
        for axis in (each.quality, each.plurality):
            assert axis.per_engine_s == pytest.approx(
                axis.value * 24 / each.cost.engine_s, rel=1e-3
            )
            interval = axis.per_engine_s_interval
            assert interval.low <= axis.per_engine_s <= interval.high


def test_seconds_that_nobody_measured_are_absent(hold) -> None:
    runs = hold(Knowing(None, ann=0, bo=3), panel_of(agent("ann"), agent("bo")), 3)
    for each in worth([runs], GOLD).statements:
        assert each.cost.engine_s is None
        assert each.quality.per_engine_s is None
        assert "engine_s" not in json.dumps(each.plain()["cost"])
        assert "not on record" in markdown(each)
        assert "seconds" not in markdown(each)


def test_twins_share_evenly_what_they_are_worth_as_one(hold) -> None:
    twins = panel_of(
        agent("ann", "same", contributor="acme"),
        agent("bo", "same", contributor="globex"),
        agent("cy", contributor="initech"),
    )
    runs = hold(Knowing(ann=0, bo=0, cy=2), twins)
    acme, globex, initech = worth([runs], GOLD).statements
    assert (acme.same_as, globex.same_as, initech.same_as) == (("globex",), ("acme",), ())
    assert acme.quality.value == globex.quality.value
    assert acme.plurality.value == globex.plurality.value
    assert acme.quality.value * 2 + initech.quality.value == pytest.approx(0.5)
    apart = hold(
        Knowing(ann=0, bo=0, cy=2),
        panel_of(*(agent(n, contributor=f"from {n}") for n in ("ann", "bo", "cy"))),
        to="apart",
    )
    joined = worth([apart], GOLD, identity={"from ann": "one", "from bo": "one"}).statements
    assert joined[0].quality.value == pytest.approx(acme.quality.value)
    separate = worth([apart], GOLD).statements
    assert separate[0].quality.value > acme.quality.value, "coming twice would have paid"


def test_few_questions_allow_no_verdict_and_no_interval(hold) -> None:
    runs = hold(Knowing(ann=0, bo=1), panel_of(agent("ann"), agent("bo")), LEAST_QUESTIONS - 1)
    for each in worth([runs], GOLD).statements:
        assert each.quality.interval is None
        assert each.quality.verdict.startswith("too few questions to tell: 19 of at least 20")


def test_several_runs_of_a_question_are_one_item(hold) -> None:
    panel = panel_of(agent("ann"), agent("bo"))
    once = hold(Knowing(ann=0, bo=1), panel, 15)
    again = hold(Knowing(ann=0, bo=1), panel, 15, to="again")
    found = worth([once, again], GOLD)
    assert (found.runs, found.questions) == (30, 15)
    for each in found.statements:
        assert (each.runs, each.quality.questions) == (30, 15)
        assert "too few" in each.quality.verdict
    assert worth([once, once / next(once.iterdir()).name], GOLD).runs == 15, "each record once"


@given(
    low=st.floats(-1, 1),
    width=st.floats(0, 1),
    questions=st.integers(0, 100),
)
@settings(max_examples=200)
def test_no_verdict_against_anybody_whose_interval_touches_zero(low, width, questions) -> None:
    interval = Interval(value=low + width / 2, low=low, high=low + width)
    quality = Quality(questions=questions, value=interval.value, interval=interval, leave_one_out=0)
    against = quality.verdict == "lowers accuracy"
    assert against == (interval.high < 0 and questions >= LEAST_QUESTIONS)
    if interval.low <= 0 <= interval.high:
        assert quality.verdict in ("no effect is shown",) or "too few" in quality.verdict
    plural = Plurality(questions=questions, value=0, interval=None, leave_one_out=0, kinds={})
    assert plural.verdict in ("no effect is shown",) or "too few" in plural.verdict


def test_without_right_answers_there_is_no_quality(hold) -> None:
    runs = hold(Knowing(ann=0, bo=1), panel_of(agent("ann"), agent("bo")), 2)
    found = worth([runs])
    assert (found.accuracy, found.without_quality) == (None, {})
    for each in found.statements:
        assert each.quality is None
        assert each.plurality.value == 1.0
        assert "Quality was not measured" in markdown(each)
    some = worth([runs], GOLD[:1])
    assert list(some.without_quality.values()) == ["its right answer is not given"]
    assert some.statements[0].quality.questions == 1


def test_what_did_not_end_is_left_out_and_what_is_broken_is_refused(hold, tmp_path: Path) -> None:
    runs = hold(Knowing(ann=0, bo=1), panel_of(agent("ann"), agent("bo")), 2)
    first, second = sorted(runs.iterdir())
    journal = first / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    found = worth([runs], GOLD)
    assert found.runs == 1
    assert found.left_out == {str(first.resolve()): "it has not ended"}
    with pytest.raises(InputError, match="none of these runs has ended"):
        worth([first], GOLD)
    journal.write_bytes(b"".join([*lines[:2], b"{}\n", *lines[3:]]))
    with pytest.raises(JournalError):
        worth([runs], GOLD)
    with pytest.raises(InputError, match="is no record and holds none"):
        worth([tmp_path / "nowhere"])
    wrong = [
        Gold(question=QUESTIONS[1], answer="maybe"),
        Gold(question=QUESTIONS[0], answer="maybe"),
    ]
    with pytest.raises(InputError, match="'maybe' is none of the options"):
        worth([second], wrong)


def test_a_page_and_json_for_each_that_nobody_s_name_can_mark_up(hold) -> None:
    name = "# acme | <b>\n[x](http://x) \u202e`"
    runs = hold(Knowing(ann=0, bo=1), panel_of(agent("ann", contributor=name), agent("bo")), 2)
    statement = worth([runs], GOLD).statements[0]
    page = markdown(statement)
    assert page.splitlines()[0] == r"# \# acme \| \<b\> \[x\](http\://x) " + r"\`"
    for line in page.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")
    said = statement.as_json()
    assert said["schema"] == "statement/1"
    assert said["quality"]["verdict"].startswith("too few")
    json.dumps(said)


def test_right_answers_are_read_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text(
        '{"question": "A?", "answer": "yes", "id": 3}\n\n{"question": "B?", "answer": "no"}\n'
    )
    assert [each.answer for each in read_gold(file)] == ["yes", "no"]
    for line, part in (
        ('{"question": "A?"}', "gold.jsonl:1: answer"),
        ("nothing", "gold.jsonl:1"),
        ('{"question": "A?", "answer": "c", "options": ["a", "b"]}', "none of the options"),
        ("", "holds no right answer"),
        (
            '{"question": "A?", "answer": "a"}\n{"question": "A?", "answer": "b"}',
            "another right answer",
        ),
    ):
        file.write_text(line)
        with pytest.raises(InputError) as fault:
            read_gold(file)
        assert part in fault.value.message
        assert fault.value.hint
    with pytest.raises(InputError, match="cannot read"):
        read_gold(tmp_path / "none")
