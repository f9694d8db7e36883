"""The viewer on a record of ten thousand messages: how long until somebody can use the page.

    python bench/viewer.py [--messages 10000] [--seats 100] [--repeats 3]

Writes a record of that many messages with its calls, shows it by the server of `folkmoot view` in Chromium, and
measures by the browser's clock: from going to the address to the question and the first messages on the
screen (`usable_s`), to the end of verifying, a search, a change of lens, a jump to the last message, and the first
look through a seat's eyes. Each repeat is a browser context of its own; the server has the record read after the
first, so the first is given apart (`first_s`); of it, `python_cpu_s` is computing in the server.
The last line is JSON.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from folkmoot.records import (
    Answer,
    Call,
    Conflict,
    Detection,
    Event,
    Journal,
    Opening,
    Party,
    Position,
    ProtocolRef,
    Reply,
    Segment,
    Severity,
    Turn,
    Usage,
    outcome_of,
    quotation,
    sentences,
    write_derived,
)
from folkmoot.records.decisions import Sentence
from folkmoot.records.viewer import Shelf, Viewer, ViewServer, save

WORDS = (
    "the",
    "town",
    "should",
    "build",
    "a",
    "tram",
    "since",
    "buses",
    "stand",
    "in",
    "traffic",
    "while",
    "rails",
    "do",
    "not",
    "and",
)
HEARD, CONFLICTS = 8, 60
"""Messages in each prompt; conflicts."""

ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]


def write(folder: Path, messages: int, seats: int) -> None:
    """Write a record of so many messages, by seats that each hear some of the round before."""
    names = [f"seat {n}" for n in range(seats)]
    opening = Opening(
        run_id=folder.name,
        question="What should the town build in the next ten years?",
        seed=0,
        parties=tuple(Party(seat=name, model="m") for name in names),
        protocol=ProtocolRef(name="debate", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00.000+00:00",
    )
    with Journal.create(folder, opening) as journal:
        turns: list[Turn] = []
        for at in range(messages):
            turns.append(_exchange(journal, at, names, turns))
        step = messages // seats + 1
        for n in range(min(CONFLICTS, messages // 2)):
            journal.record(_conflict(step, n, turns))
        text = "The town should build a tram. Some differ."
        ends = [Sentence(id=f"a{n}", start=s, end=e) for n, (s, e) in enumerate(sentences(text), 1)]
        answer = Answer(step=step + 1, order=0, text=text, author="composed", sentences=tuple(ends))
        journal.record(answer)
        journal.close()
        write_derived(folder, outcome_of(journal.view()))


def _exchange(journal: Journal, at: int, names: list[str], turns: list[Turn]) -> Turn:
    round, order = divmod(at, len(names))
    earlier = turns[max(0, (round - 1) * len(names)) : round * len(names)]
    heard = [earlier[(order + n * 7) % len(earlier)] for n in range(HEARD)] if earlier else []
    shown = {turn.id: turn for turn in heard}
    pieces = [
        Segment(role="system", text="You hold one seat.", label="frame"),
        Segment(role="user", text="What should the town build?", label="question"),
        *(Segment(role="user", text=turn.text, label=turn.id) for turn in shown.values()),
        Segment(role="user", text=f"You are {names[order]}.", label="perspective"),
    ]
    call = Call(
        step=round,
        order=order,
        round=round,
        stage="speak",
        seat=names[order],
        model="m",
        op="generate",
        purpose="answer",
        segments=tuple(pieces),
    )
    long = 12 + (at * 37) % 60
    said = f"Point {at}: " + " ".join(WORDS[(at + n * n) % len(WORDS)] for n in range(long)) + "."
    journal.call(call)
    usage = Usage(prompt=120, cached=60, completion=long)
    journal.reply(Reply.to(call, "ok", text=said, usage=usage, took_ms=900))
    turn = Turn(
        step=round,
        order=order,
        id=f"M{at + 1}",
        seat=names[order],
        round=round,
        stage="speak",
        role="statement",
        state="valid",
        text=said,
        call=call.id,
    )
    journal.record(turn)
    return turn


def _conflict(step: int, n: int, turns: list[Turn]) -> Conflict:
    one, two = turns[2 * n], turns[2 * n + 1]
    sides = tuple(
        Position(
            id=f"cf{n + 1}.{letter}",
            summary=summary,
            parties=(turn.seat,),
            held_first=(turn.seat,),
            spans=tuple(filter(None, [quotation(turn)])),
        )
        for letter, summary, turn in (("a", "it holds", one), ("b", "attacked", two))
    )
    return Conflict(
        step=step,
        order=n,
        id=f"cf{n + 1}",
        issue=f"Does this hold: point {2 * n}?",
        about=one.id,
        kind="factual",
        positions=sides,
        severity=Severity(level=1, breadth=0.02),
        history=(Event(round=one.round, event="opened", by=two.seat),),
        status="open",
        detection=Detection(method="protocol_act", rule="acts/3"),
    )


@contextmanager
def serving(folder: Path) -> Iterator[ViewServer]:
    """A server of what lies in a folder."""
    server = ViewServer(Shelf([folder]))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def _once(browser: Browser, url: str, last: str) -> dict[str, float]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(240_000)
    found: dict[str, float] = {}
    begun = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("h1")
    page.wait_for_selector(".message")
    found["usable_s"] = time.perf_counter() - begun
    page.wait_for_selector(".good, .bad", state="attached")
    found["verified_s"] = time.perf_counter() - begun
    for name, act, until in (
        ("search_s", lambda: page.fill("#search", "point 777:"), ".message"),
        ("unsearch_s", lambda: page.fill("#search", ""), "[data-m=M1]"),
        ("lens_s", lambda: page.click("text=By seat"), ".head:has-text('seat 0')"),
        ("jump_s", lambda: _go(page, f"#/r/long?m={last}"), f"[data-m={last}].on"),
        ("seen_s", lambda: _go(page, "#/r/long?mode=seen&as=seat+0"), ".piece"),
    ):
        begun = time.perf_counter()
        act()
        page.wait_for_selector(until)
        found[name] = time.perf_counter() - begun
    found["nodes"] = page.evaluate("document.querySelectorAll('*').length")
    page.close()
    return found


def _go(page: Page, hash: str) -> None:
    page.evaluate("hash => { location.hash = hash }", hash)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seats", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is missing")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as play:
        folder = Path(temporary) / "long"
        begun = time.perf_counter()
        write(folder, given.messages, given.seats)
        print(f"written in {time.perf_counter() - begun:.1f} s", file=sys.stderr)
        begun = time.process_time()
        Viewer(Shelf([folder])).get("api/run/long/core")
        computed = time.process_time() - begun
        browser = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        with serving(folder) as server:
            every = [
                _once(browser, server.url_of("long"), f"M{given.messages}")
                for _ in range(given.repeats + 1)
            ]
        saved = Path(temporary) / "long.html"
        begun = time.perf_counter()
        size = save([folder], saved)
        took = time.perf_counter() - begun
        file = _once(browser, saved.as_uri() + "#/r/long", f"M{given.messages}")
        browser.close()
    figures: dict[str, Any] = {
        name: round(statistics.median(each[name] for each in every[1:]), 3) for name in every[0]
    }
    print(
        json.dumps(
            {
                "messages": given.messages,
                "seats": given.seats,
                "repeats": given.repeats,
                "load": round(os.getloadavg()[0], 1),
                "python_cpu_s": round(computed, 2),
                "first_s": round(every[0]["usable_s"], 3),
                **figures,
                "save_s": round(took, 3),
                "saved_mb": round(size / 1e6, 1),
                "saved_usable_s": round(file["usable_s"], 3),
            }
        )
    )


if __name__ == "__main__":
    main()
