"""The page in real Chromium: everything that a user can do with a record."""

import json
import re
import runpy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from folkmoot.records import load, read_journal
from folkmoot.records.viewer import Shelf, ViewServer, save, saved
from folkmoot.visible import visible_lines
from tests.records.viewer.browser import Open, chromium, opening, serving
from tests.records.viewer.conftest import HOSTILE, LONG, QUESTION, SAID

ROOT = Path(__file__).parents[3]
RUN = "#/r/first"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def runs(records, tmp_path_factory) -> Path:
    return copytree(records.folder, tmp_path_factory.mktemp("paged") / "runs")


@pytest.fixture(scope="module")
def server(runs: Path) -> Iterator[ViewServer]:
    with serving(runs) as found:
        yield found


@pytest.fixture
def go(browser: Browser) -> Iterator[Open]:
    with opening(browser) as found:
        yield found


@pytest.fixture
def page(go: Open, server: ViewServer) -> Page:
    return go(server.url, RUN)


def shown(page: Page) -> list[str]:
    """The messages on the screen, in their order, each once."""
    found = page.locator(".message").evaluate_all("all => all.map(each => each.dataset.m)")
    return list(dict.fromkeys(found))


def links(page: Page, which: str) -> list[str]:
    return page.locator(which).evaluate_all("all => all.map(each => each.hash)")


def move(page: Page, hash: str) -> None:
    page.evaluate("hash => { location.hash = hash }", hash)


def test_the_question_and_the_answer_with_the_claims_behind_its_sentences(page, records):
    outcome = load(records.first)
    expect(page.locator("h1")).to_have_text(QUESTION)
    answer = page.locator("#answer")
    expect(answer.locator(".sentence").first).to_contain_text("Yes.")
    expect(answer).to_contain_text("decided under majority: yes 3 · no 1")
    quoted = re.findall(r"“([^”]*)” \[(M\d+)\]", outcome.answer)
    assert quoted
    words, message = quoted[-1]
    sentence = answer.locator(".sentence", has_text=message).last
    behind = sentence.get_by_role("button")
    expect(behind).to_have_attribute("aria-expanded", "false")
    behind.click()
    claims = page.locator(f"#{behind.get_attribute('aria-controls')}")
    expect(claims).to_contain_text(words)
    claims.locator("a.quote").first.click()
    seen = page.locator(f".message.on[data-m={message}]")
    expect(seen.locator("[data-quoted]")).to_have_text(words)


def test_conflicts_worst_first_each_with_two_sides_and_what_became_of_it(page, records):
    conflicts = load(records.first).conflicts
    cards = page.locator("#conflicts .card")
    assert cards.count() == len(conflicts)
    for card, conflict in zip(cards.all(), conflicts, strict=True):
        expect(card.locator("h3")).to_contain_text(conflict.issue)
        expect(card).to_contain_text(conflict.status.replace("_", " "))
        expect(card).to_contain_text(f"severity {conflict.severity.level} of 3")
        for side, position in zip(card.locator(".side").all(), conflict.positions, strict=True):
            expect(side.locator("h4")).to_contain_text(position.summary)
            expect(side.locator(".who")).to_contain_text(", ".join(position.parties))
            quotes = side.locator("a.quote").all_inner_texts()
            assert quotes == [f"“{span.exact}”" for span in position.spans]
    first = cards.first
    expect(first.locator(".lanes svg")).to_have_attribute(
        "aria-label", re.compile("budget officer B then A")
    )
    expect(first.locator(".events")).to_contain_text("round 0 opened")
    expect(first.locator(".facts")).to_contain_text("voices every side")


def test_the_rows_of_a_folder_come_worst_conflicts_first(go, server, runs):
    page = go(server.url)
    titles = page.locator(".shelf li").all_inner_texts()
    assert len(titles) == 4
    keys = [each.rpartition("/")[2] for each in links(page, ".shelf li a")]
    levels = [max((c.severity.level for c in load(runs / k).conflicts), default=0) for k in keys]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > levels[-1]
    assert "How long?" in titles[-1]
    expect(page.locator(".shelf")).to_contain_text(
        "debate · decided: yes · 1 conflict, 1 unsettled"
    )
    page.fill("#search", "hospital")
    expect(page.locator(".shelf li")).to_have_count(2)
    page.locator(".shelf li a").first.click()
    expect(page.locator("h1")).to_have_text(QUESTION)
    expect(page.locator("aside a[aria-current=page]")).to_have_count(1)


def test_a_timeline_by_round_by_seat_and_by_conflict(page, records):
    seen = load(records.first).transcript
    assert shown(page) == [turn.id for turn in seen.turns]
    heads = page.locator(".head")
    expect(heads).to_have_text(
        [re.compile("Round 0, blind"), re.compile("Round 1"), re.compile("Decision")]
    )
    expect(page.locator(".event", has_text="move").first).to_contain_text(
        "budget officer: no → yes"
    )
    page.get_by_role("link", name="By seat").click()
    expect(heads.first).to_contain_text("nurse 2 messages")
    assert shown(page) == [
        t.id for seat in seen.opening.seats for t in seen.turns if t.seat == seat
    ]
    page.get_by_role("link", name="By conflict").click()
    expect(heads.first).to_contain_text(f"1. {QUESTION}")
    quoted = {s.message for p in seen.conflicts[0].positions for s in p.spans}
    assert quoted <= set(shown(page))
    expect(page.locator(".event", has_text="round 1: budget officer")).not_to_have_count(0)


def test_who_heard_whom_is_what_stood_in_the_prompts(page, records):
    view, seen = read_journal(records.first), load(records.first).transcript
    author = {turn.id: turn.seat for turn in seen.turns}
    heard = {
        (call.round, call.seat, piece.label)
        for call in view.calls
        for piece in call.segments
        if piece.label in author
    }
    counts = Counter((reader, author[message]) for _, reader, message in heard)
    graph = page.locator("#graph")
    for row in graph.locator("tbody tr").all():
        reader, *cells = row.locator("th, td").all_inner_texts()
        found = dict(zip(seen.opening.seats, cells, strict=True))
        assert found == {each: str(counts.get((reader, each), "·")) for each in seen.opening.seats}
    others = {pair for pair in counts if pair[0] != pair[1]}
    assert graph.locator("svg.circle > path").count() == len(others)
    expect(graph.locator(".course li")).to_have_count(len({call.step for call in view.calls}))


def test_a_message_as_one_seat_really_saw_it(page, records):
    view = read_journal(records.first)
    call = next(
        c for c in view.calls if c.seat == "patient" and any(s.label == "M1" for s in c.segments)
    )
    move(page, f"{RUN}?m=M1")
    page.locator(".message.on").get_by_role("link", name="As").click()
    page.select_option("#as", "patient")
    found = page.locator(f"[data-call='{call.id}']")
    shown_ = found.locator(".piece.on .said").first
    text = next(piece.text for piece in call.segments if piece.label == "M1")
    assert shown_.inner_text().strip() == text.strip()
    expect(found.locator(".piece.reply")).to_be_visible()
    while (same := found.get_by_role("button", name="the same")).count():
        same.first.click()
    pieces = found.locator(".piece:not(.reply) .said").evaluate_all(
        "a => a.map(e => e.textContent)"
    )
    assert pieces == [piece.text for piece in call.segments]
    move(page, f"{RUN}?mode=seen&as=nurse&m=M8")
    expect(page.locator(".count")).to_contain_text(re.compile("M8 was never shown|calls to nurse"))


def test_the_raw_request_and_reply(page, records):
    view = read_journal(records.first)
    call = next(call for call in view.calls if call.op == "generate")
    move(page, f"{RUN}?mode=raw&call={call.id}")
    found = page.locator(f"[data-call='{call.id}'].on")
    expect(found.locator(".raw")).to_have_count(2)
    while (more := found.get_by_role("button", name=re.compile("^show all"))).count():
        more.first.click()
    asked, replied = (json.loads(each) for each in found.locator(".raw .said").all_text_contents())
    segments = [
        {"role": s.role, "label": s.label, "drop": s.drop, "text": s.text} for s in call.segments
    ]
    assert asked.pop("id") == call.id
    assert asked == call.model_dump(mode="json", exclude_none=True) | {"segments": segments}
    reply = view.replies[call.id]
    left_out = {"record", "step", "order"}
    assert replied == reply.model_dump(mode="json", exclude_none=True, exclude=left_out)


def test_tokens_and_time_by_seat_are_the_ledgers(page, records):
    ledger = load(records.first).ledger
    rows = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in page.locator("#cost tbody tr, #cost tfoot tr").all()
    }
    assert list(rows) == [*ledger.seats, "total"]
    for name, line in {**ledger.seats, "total": ledger.total}.items():
        figures = [line.calls, line.prompt, line.cached, line.completion]
        assert rows[name][:4] == ["–" if n is None else f"{n:,}" for n in figures]


def test_integrity_says_what_verify_says(go, server, runs, records):
    page = go(server.url, RUN)
    trust = page.locator("#integrity")
    expect(trust).to_contain_text("✓ verified")
    expect(trust.locator(".hash")).to_have_text(read_journal(records.first).head)
    expect(trust).to_contain_text("unanchored")
    changed = copytree(records.second, runs / "changed")
    text = (changed / "outcome.json").read_bytes()
    (changed / "outcome.json").write_bytes(text.replace(b"majority", b"minority"))
    try:
        page = go(server.url, "#/r/changed")
        expect(page.locator("#integrity")).to_contain_text("✗ not verified")
        expect(page.locator("#integrity")).to_contain_text("outcome.json is not what")
    finally:
        for each in changed.iterdir():
            each.unlink()
        changed.rmdir()


def test_search_and_filter(page):
    page.keyboard.press("/")
    page.keyboard.type("CONSENT can")
    expect(page.locator(".count")).to_contain_text("2 of 8 messages")
    assert shown(page) == ["M3", "M7"] or len(shown(page)) == 2
    expect(page.locator(".message mark.found").first).to_have_text("Consent can")
    page.get_by_role("link", name="show all").click()
    page.locator("select").filter(has_text="seat: all").select_option("patient")
    page.locator("select").filter(has_text="round: all").select_option("1")
    expect(page.locator(".count")).to_contain_text("1 of 8 messages")
    expect(page.locator(".message header")).to_contain_text("patient round 1")
    assert "seat=patient" in page.url
    assert "round=1" in page.url


def test_a_quotation_leads_to_its_place_and_the_place_has_an_address(page, go, server, records):
    quote = page.locator("#conflicts a.quote").filter(has_text="😀").first
    words = quote.inner_text().strip("“”")
    quote.click()
    expect(page.locator(".message.on [data-quoted]")).to_have_text(words)
    # Offsets count codepoints: an emoji before the end of the quotation must not shift it.
    address = page.url
    again = go(server.url, "#" + address.partition("#")[2])
    expect(again.locator(".message.on [data-quoted]")).to_have_text(words)
    nurse = next(each for each in load(records.first).transcript.turns if each.seat == "nurse")
    move(again, f"{RUN}?m={nurse.id}&at=20-25")
    expect(again.locator("[data-quoted]")).to_have_text(SAID["nurse"][20:25])


def test_annotate_what_is_looked_at(page, runs):
    move(page, f"{RUN}?m=M2")
    page.locator(".message.on").get_by_role("link", name="Annotate").click()
    form = page.locator("#notes form")
    expect(form.locator("[name=about]")).to_have_value("M2")
    form.locator("[name=by]").fill("ann")
    form.get_by_role("button").click()
    expect(page.locator("#notes .fault")).to_contain_text("it says nothing")
    form.locator("[name=note]").fill("It is a claim <b>of right</b> \u202e.")
    form.get_by_role("button").click()
    note = page.locator("#notes .note")
    expect(note).to_contain_text("M2 It is a claim <b>of right</b> <U+202E>.")
    page.reload()
    expect(page.locator("#notes .note")).to_contain_text("annotation by ann")


def test_compare_two_runs_side_by_side(page, records):
    page.get_by_role("link", name="Compare").click()
    page.locator("select").nth(1).select_option("second")
    expect(page).to_have_url(re.compile("#/compare/first/second"))
    rows = page.locator(".figures tr.differs")
    one, two = load(records.first), load(records.second)
    assert one.decision is not None
    assert two.decision is not None
    assert one.decision.tally != two.decision.tally
    expect(rows.filter(has_text="tally")).to_contain_text("yes 3 · no 1")
    expect(rows.filter(has_text="tally")).to_contain_text("yes 2 · no 2")
    expect(page.locator(".figures tr", has_text="messages")).not_to_have_class("differs")
    pair = page.locator(".pair").first
    expect(pair).to_contain_text("differs in ")
    assert page.locator(".both section").count() == 2


def test_the_saved_page_is_one_file_that_opens_anywhere(go, records, tmp_path):
    to = tmp_path / "saved.html"
    save([records.first, records.second], to)
    page = go(to.as_uri())
    expect(page.locator(".shelf li")).to_have_count(2)
    move(page, RUN)
    expect(page.locator("h1")).to_have_text(QUESTION)
    expect(page.locator("#integrity")).to_contain_text("✓ verified")
    assert len(shown(page)) == 8
    move(page, f"{RUN}?mode=seen&as=patient&m=M1")
    expect(page.locator(".piece.on").first).to_be_visible()
    expect(page.locator("#notes form")).to_have_count(0)
    move(page, "#/compare/first/second")
    expect(page.locator(".pair").first).to_be_visible()


def test_the_page_saves_itself_and_the_same_record_gives_the_same_bytes(page, runs):
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save", exact=True).click()
    path = saving.value.path()
    assert saving.value.suggested_filename == "first.html"
    assert Path(path).read_bytes() == saved(Shelf([runs]), "first")
    assert saved(Shelf([runs]), "first") == saved(Shelf([runs]), "first")


def test_the_keyboard_does_it_all(page):
    page.keyboard.press("j")
    expect(page.locator(".message.on")).to_have_attribute("data-m", "M1")
    page.keyboard.press("j")
    expect(page.locator(".message.on")).to_have_attribute("data-m", "M2")
    page.keyboard.press("k")
    expect(page.locator(".message.on")).to_have_attribute("data-m", "M1")
    page.keyboard.press("n")
    expect(page.locator(".card.on")).to_have_attribute("id", "c-cf1")
    for key, now in (
        ("2", "lens=seat"),
        ("3", "lens=conflict"),
        ("s", "mode=seen"),
        ("w", "mode=raw"),
    ):
        page.keyboard.press(key)
        expect(page).to_have_url(re.compile(now))
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("mode=seen.*as="))
    page.keyboard.press("r")
    expect(page).not_to_have_url(re.compile("mode="))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("next, previous message")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("a")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type("jjj?")
    expect(page.locator("#note")).to_have_value("jjj?")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("x")
    expect(page).to_have_url(re.compile("#/compare/first"))
    page.keyboard.press("l")
    expect(page.locator("h1")).to_have_text("Records")


def test_it_is_read_on_a_phone(go, server):
    page = go(server.url, RUN, viewport={"width": 390, "height": 844}, has_touch=True)
    for hash in (
        RUN,
        f"{RUN}?m=M2&at=0-5",
        f"{RUN}?mode=seen&as=patient",
        "#/compare/first/second",
        "#/",
    ):
        move(page, hash)
        page.wait_for_timeout(150)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, hash
    small = page.evaluate(
        "[...document.querySelectorAll('p, a, button, td')].filter(e => e.innerText?.trim() && "
        "parseFloat(getComputedStyle(e).fontSize) < 11).map(e => e.innerText)"
    )
    assert small == []
    move(page, f"{RUN}?m=M2&at=0-5")
    expect(page.locator(".message.on [data-quoted]")).to_be_in_viewport()


def test_dark_and_light_follow_the_system_and_can_be_turned(go, server):
    paper = "getComputedStyle(document.body).backgroundColor"
    light = go(server.url, RUN, color_scheme="light").evaluate(paper)
    page = go(server.url, RUN, color_scheme="dark")
    dark = page.evaluate(paper)
    assert light != dark
    page.get_by_role("button", name="Light page").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate(paper) == light


def test_on_paper_it_is_a_report(page, tmp_path):
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    assert len(shown(page)) == 8
    expect(page.locator("#conflicts .card").first).to_be_visible()
    assert page.evaluate(
        "document.querySelector('.scroll').scrollHeight <= document.querySelector('.scroll').clientHeight + 1"
    )
    assert page.pdf().startswith(b"%PDF")


VIEWS = {
    "runs": "#/",
    "run": RUN,
    "message": f"{RUN}?m=M1&at=0-7",
    "by conflict": f"{RUN}?lens=conflict",
    "seen": f"{RUN}?mode=seen&as=patient&m=M1",
    "raw": f"{RUN}?mode=raw&call=c1.0",
    "compare": "#/compare/first/second",
    "hostile": "#/r/hostile",
}


@pytest.mark.parametrize("how", ["light", "dark", "phone"])
def test_axe_finds_nothing_serious(go, server, how):
    context = {"color_scheme": "dark" if how == "dark" else "light"}
    if how == "phone":
        context["viewport"] = {"width": 390, "height": 844}
    page = go(server.url, RUN, **context)
    page.locator(".behind").first.click()
    for name, hash in VIEWS.items():
        if how != "light" and name not in ("run", "seen", "compare"):
            continue
        move(page, hash)
        page.wait_for_timeout(250)
        found = Axe().run(page).response["violations"]
        grave = [
            (name, each["id"], [node["html"][:120] for node in each["nodes"]][:3])
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
        assert grave == []


def test_hostile_text_is_text(go, server):
    page = go(server.url, "#/r/hostile")
    expect(page.locator("h1")).to_have_text("Is </script> <U+202E> safe?")
    texts = page.locator(".message").evaluate_all(
        "all => all.map(e => [e.querySelector('strong').textContent, e.querySelector('.said').textContent])"
    )
    assert dict(texts) == {
        seat: visible_lines(f"{text} Round 0.") for seat, text in HOSTILE.items()
    }
    expect(page.locator(".hidden-mark").first).to_be_visible()
    for hash in (
        "?mode=seen&as=nurse",
        "?mode=raw&call=c1.0",
        "?lens=conflict",
        "?mode=raw&call=c1.2",
    ):
        move(page, f"#/r/hostile{hash}")
        page.wait_for_timeout(100)
    assert (
        page.evaluate(
            "document.querySelectorAll('#page script, #page img, #page svg[onload]').length"
        )
        == 0
    )


def test_hostile_text_is_text_in_a_saved_page(go, records, tmp_path):
    to = tmp_path / "hostile.html"
    save([records.hostile], to)
    page = go(to.as_uri())
    expect(page.locator("h1")).to_have_text("Is </script> <U+202E> safe?")
    expect(page.locator(".message")).to_have_count(4)
    assert page.evaluate("document.scripts.length") == to.read_bytes().count(b"<script") == 6


def test_what_hides_is_marked_as_on_the_terminal(go, server, runs):
    """The same characters, by the same markers, in both languages."""
    codes = [*range(0x300), *range(0x600, 0x620), *range(0x1100, 0x1200), *range(0x1780, 0x17C0)]
    codes += [
        *range(0x1800, 0x1820),
        *range(0x2000, 0x2070),
        0x2800,
        0x3164,
        0xE000,
        0xFE0F,
        0xFEFF,
    ]
    codes += [
        0xFFA0,
        0xFFF9,
        0xFFFC,
        0x1D173,
        0xE0001,
        0xE0041,
        0xE0100,
        0xE01EF,
        0xE01F0,
        0x10FFFD,
    ]
    text = "|".join(map(chr, codes))
    page = go(server.url, RUN)
    page.route("**/core", lambda route: route.fulfill(json=changed(route, text)))
    page.reload()
    expect(page.locator(".message").first).to_be_visible()
    while (more := page.locator("[data-m=M1] .rest button").first).is_visible():
        more.click()
    found = page.locator("[data-m=M1] .said").evaluate("each => each.textContent")
    assert found == visible_lines(text)


def changed(route, text: str):
    core = route.fetch().json()
    core["messages"][0]["text"] = text
    return core


def test_a_message_of_a_megabyte_does_not_hold_the_page_up(go, server):
    page = go(server.url, "#/r/long")
    said = page.locator("[data-m=M1] .said")
    expect(said).to_contain_text("ab<U+200B>ab")
    assert page.evaluate("document.querySelector('[data-m=M1] .said').textContent.length") < 20_000
    page.locator("[data-m=M1]").get_by_role("button", name="show all").click()
    whole = page.locator("[data-m=M1] .said").evaluate("each => each.textContent.length")
    assert whole == len(visible_lines(LONG))
    assert page.evaluate("document.querySelectorAll('*').length") < 5000


def test_a_long_record_is_drawn_where_it_is_looked_at(go, tmp_path):
    """Of 1,500 messages those on the screen are elements; every one is found and gone to."""
    write = runpy.run_path(str(ROOT / "bench" / "viewer.py"))["write"]
    write(tmp_path / "runs" / "many", 1500, 30)
    with serving(tmp_path / "runs") as server:
        page = go(server.url, "#/r/many", wait=".message")
        expect(page.locator(".count")).to_have_text("1,500 messages")
        assert len(shown(page)) < 60
        for hash in ("?m=M1500", "?m=M750&lens=seat", "?m=M3&lens=conflict", "?m=M1499&at=0-5"):
            move(page, f"#/r/many{hash}")
            wanted = re.search(r"m=(M\d+)", hash)
            assert wanted
            expect(page.locator(f".message.on[data-m={wanted[1]}]")).to_be_in_viewport()
            assert len(shown(page)) < 60
        page.fill("#search", "point 1234:")
        expect(page.locator(".count")).to_contain_text("1 of 1,500 messages")
        assert shown(page) == ["M1235"]
        move(page, "#/r/many?mode=seen&as=seat+7&m=M8")
        expect(page.locator(".piece.on").first).to_be_in_viewport()
        assert page.evaluate("document.querySelectorAll('*').length") < 4500


def test_the_page_follows_a_run_while_it_goes_on(go, server, runs, records):
    lines = (records.first / "journal.jsonl").read_bytes().splitlines(keepends=True)
    said = [n for n, line in enumerate(lines) if b'"record":"turn"' in line]
    going = runs / "going"
    going.mkdir()
    (going / "journal.jsonl").write_bytes(b"".join(lines[: said[1] + 1]))
    page = go(server.url, "#/r/going")
    expect(page.locator(".following")).to_contain_text("has not ended")
    expect(page.locator(".message")).to_have_count(2)
    with (going / "journal.jsonl").open("ab") as journal:
        journal.write(b"".join(lines[said[1] + 1 : said[3] + 1]) + b'{"torn')
    expect(page.locator(".message")).to_have_count(4)
    for name in ("head.json", "journal.jsonl", "transcript.json", "conflicts.json", "outcome.json"):
        (going / name).write_bytes((records.first / name).read_bytes())
    expect(page.locator(".following")).to_have_count(0)
    expect(page.locator("#answer")).to_contain_text("Yes.")
    assert len(shown(page)) == 8


def test_a_broken_record_says_what_and_where(go, server, runs, records):
    broken = copytree(records.second, runs / "broken")
    text = (broken / "journal.jsonl").read_bytes()
    (broken / "journal.jsonl").write_bytes(text.replace(b'"n":7', b'"n":8', 1))
    page = go(server.url, "#/r/broken", wait=".fault")
    expect(page.get_by_role("alert")).to_contain_text("line 7")
    move(page, RUN)
    expect(page.locator("h1")).to_have_text(QUESTION)
