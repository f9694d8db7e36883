from folkmoot.records import Abort, Reply, Usage
from folkmoot.records.ledger import LedgerLine, ledger


def reply(seat: str, order: int, usage: Usage | None, state: str = "ok", retries: int = 0) -> Reply:
    return Reply.model_validate(
        {
            "step": 0,
            "order": order,
            "seat": seat,
            "purpose": "reason",
            "state": state,
            "usage": usage,
            "retries": retries,
        }
    )


FULL = Usage(prompt=100, cached=60, completion=10)


def test_tokens_are_summed_per_seat_and_in_total():
    found = ledger(
        [reply("a", 0, FULL), reply("a", 1, FULL, retries=2), reply("b", 2, FULL, "cut_off")],
        seats=("b", "a", "c"),
    )
    assert list(found.seats) == ["b", "a", "c"]
    assert found.seats["a"] == LedgerLine(
        calls=2, prompt=200, computed=80, cached=120, completion=20, retries=2
    )
    assert found.seats["c"] == LedgerLine(calls=0, prompt=0, computed=0, cached=0, completion=0)
    assert found.total == LedgerLine(
        calls=3, prompt=300, computed=120, cached=180, completion=30, retries=2
    )


def test_what_one_reply_did_not_report_is_absent_in_the_sum():
    unknown = Usage(prompt=100, completion=10)
    found = ledger([reply("a", 0, FULL), reply("b", 1, unknown), reply("c", 2, None)])
    assert (found.seats["b"].cached, found.seats["b"].computed) == (None, None)
    assert found.seats["b"].prompt == 100
    assert found.seats["c"].prompt is None
    assert (found.total.prompt, found.total.cached, found.total.completion) == (None, None, None)
    assert found.total.calls == 3
    assert "cached" not in found.plain()["total"]


def test_calls_that_no_engine_answered_count_without_tokens():
    found = ledger([reply("a", 0, FULL), reply("a", 1, None, "unavailable", retries=3)])
    assert found.seats["a"] == LedgerLine(
        calls=2, prompt=100, computed=40, cached=60, completion=10, retries=3
    )


def test_where_no_call_was_answered_there_are_no_figures():
    silent = [reply("b", 1, None, "unavailable", retries=2), reply("b", 2, None, "refused")]
    found = ledger([reply("a", 0, FULL), *silent], seats=("a", "b", "c"))
    assert found.seats["b"] == LedgerLine(calls=2, retries=2)
    assert found.plain()["seats"]["b"] == {"calls": 2, "retries": 2}
    assert found.seats["c"].prompt == 0, "who was never asked cost nothing"
    assert found.total.prompt == 100
    assert ledger(silent).total == LedgerLine(calls=2, retries=2)


def test_aborted_and_lost_calls_stand_apart():
    found = ledger(
        [reply("a", 0, FULL)],
        aborts=[Abort(call="c0.1", usage=FULL), Abort(call="c0.2")],
        lost=["c0.3", "c0.3"],
    )
    assert found.total.calls == 1
    assert found.aborted == LedgerLine(calls=2)
    assert found.lost == 2
    known = ledger([], aborts=[Abort(call="c0.1", usage=FULL)])
    assert known.aborted == LedgerLine(calls=1, prompt=100, computed=40, cached=60, completion=10)
    assert known.lost is None
