"""A long run costs in proportion to its length: work is counted, not timed."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from folkmoot.records import (
    Journal,
    Move,
    Reply,
    Stance,
    Turn,
    Usage,
    outcome_of,
    quotation,
    read_journal,
    verify,
    write_derived,
)
from folkmoot.records import journal_file as module
from folkmoot.records.chain import HEAD_FILE


def work(what: Callable[[], Any]) -> int:
    """How many lines of Python run, each turn of a comprehension among them."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        what()
    finally:
        sys.settrace(before)
    return count


def long_run(run, folder: Path, messages: int) -> None:
    """A record of that many messages, each with a stance that differs from the seat's last."""
    call, _ = run.exchanges[3]
    with Journal.create(folder, run.opening) as journal:
        for step in range(messages):
            asked = call.model_copy(update={"step": step, "round": step})
            text = f"This is message {step}. It is short."
            journal.call(asked)
            usage = Usage(prompt=9, completion=3)
            journal.reply(Reply.to(asked, "ok", text=text, usage=usage))
            turn = Turn.model_validate(
                {
                    **run.transcript.turn("M1").plain(),
                    "step": step,
                    "id": f"M{step}",
                    "text": text,
                    "call": asked.id,
                }
            )
            assert quotation(turn) is not None
            journal.record(turn)
            held, other = ("yes", "no") if step % 2 else ("no", "yes")
            stance = run.transcript.stances[0].plain()
            stance |= {"step": step, "round": step, "choice": held}
            journal.record(Stance.model_validate(stance))
            if step:
                move = run.transcript.moves[0].plain() | {"from_choice": other, "to_choice": held}
                move |= {"step": step, "round": step, "seat": "nurse", "cites": ["M0"]}
                journal.record(Move.model_validate(move))
        journal.close()
        write_derived(folder, outcome_of(journal.view()))


def test_twice_the_messages_are_twice_the_work(run, tmp_path):
    long_run(run, tmp_path / "warm", 2)
    verify(tmp_path / "warm")
    for what in (
        lambda size: long_run(run, tmp_path / f"r{size}", size),
        lambda size: read_journal(tmp_path / f"r{size}"),
        lambda size: verify(tmp_path / f"r{size}"),
    ):
        once, twice = work(partial(what, 100)), work(partial(what, 200))
        assert once > 1000
        assert twice < 2.2 * once
    assert verify(tmp_path / "r200").findings == ()


def test_ten_thousand_messages_are_written_once_each(run, tmp_path, monkeypatch):
    lines: list[int] = []
    heads: list[int] = []
    monkeypatch.setattr(module.os, "write", counting(module.os.write, lines))
    monkeypatch.setattr(module.os, "pwrite", counting(module.os.pwrite, heads))
    call, _ = run.exchanges[3]
    with Journal.create(tmp_path / "r", run.opening) as journal:
        for step in range(10_000):
            asked = call.model_copy(update={"step": step})
            journal.call(asked)
            journal.reply(Reply.to(asked, "ok", text=f"message {step}"))
    assert len(lines) == 1 + 2 * 10_000
    assert sum(lines) == (tmp_path / "r" / "journal.jsonl").stat().st_size
    assert sum(lines[-1000:]) < 1.05 * sum(lines[101:1101])
    assert max(heads) == (tmp_path / "r" / HEAD_FILE).stat().st_size < 150


def counting(write, sizes: list[int]):
    def counted(fd, data, *place):
        sizes.append(len(data))
        return write(fd, data, *place)

    return counted
