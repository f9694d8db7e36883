"""`folkmoot graph check --pool` and `show --pool`: a server counts the tokens and knows its window."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

CHOICE = ("--option", "yes", "--option", "no")
ABOUT = ("blind-vote", "--panel", "panel.yaml", *CHOICE)


@pytest.fixture
def served(at_home: Path, stub_url: str) -> tuple[str, ...]:
    """The arguments that name a pool file with a server that counts a token for each word."""
    (at_home / "pool.yaml").write_text(
        f"engines:\n  - {{kind: served, url: '{stub_url}', models: {{any: stub}}}}\n",
        encoding="utf-8",
    )
    return ("--pool", "pool.yaml")


def test_what_fits_is_said_to_fit(run: Run, served: tuple[str, ...]) -> None:
    said = run("graph", "check", *ABOUT, *served)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1] == "blind-vote: nothing found, 4 seats, 2 options"


def tokens(text: str) -> int:
    found = re.search(r"([\d,]+) tokens", text)
    assert found, text
    return int(found[1].replace(",", ""))


def test_the_servers_count_is_exact_and_holds_against_the_budget(
    run: Run, served: tuple[str, ...]
) -> None:
    estimated, exact = run("graph", "show", *ABOUT), run("graph", "show", *ABOUT, *served)
    assert "(an estimate" in estimated.out
    assert "(an estimate" not in exact.out
    most = tokens(exact.out)
    assert most != tokens(estimated.out)
    assert run("graph", "check", *ABOUT, *served, "--budget", str(most)).code == 0
    over = run("graph", "check", *ABOUT, *served, "--budget", str(most - 1))
    assert over.code == 2
    assert over.out == f"up to {most} tokens, the budget is {most - 1}\n"


def test_replies_that_cannot_fit_into_the_window_are_found(
    run: Run, at_home: Path, served: tuple[str, ...]
) -> None:
    panel = at_home / "panel.yaml"
    text = panel.read_text(encoding="utf-8").replace(
        "{name: researcher, model: any}",
        "{name: researcher, model: any, sampling: {max_tokens: 100000}}",
    )
    panel.write_text(text, encoding="utf-8")
    said = run("graph", "check", *ABOUT, *served)
    assert said.code == 2
    assert (
        "the context of 'any' is too small: 'researcher' may reply with 100000 tokens" in said.out
    )


def test_prompts_that_outgrow_the_window_are_found(
    run: Run, at_home: Path, served: tuple[str, ...]
) -> None:
    panel = at_home / "panel.yaml"
    long = " ".join(["word"] * 9000)
    text = panel.read_text(encoding="utf-8").replace("They are mine.", long)
    panel.write_text(text, encoding="utf-8")
    said = run("graph", "check", *ABOUT, *served)
    assert said.code == 2
    assert re.search(r"the context of 'any' is too small: stage '\w+' asks 'patient'", said.out)


def test_a_pool_without_the_model_and_one_that_is_gone(
    run: Run, at_home: Path, stub_url: str
) -> None:
    pool = at_home / "pool.yaml"
    pool.write_text(
        f"engines:\n  - {{kind: served, url: '{stub_url}', models: {{other: stub}}}}\n",
        encoding="utf-8",
    )
    said = run("graph", "check", *ABOUT, "--pool", "pool.yaml")
    assert said.code == 2
    assert "'any'" in said.err
    pool.write_text(
        "engines:\n  - {kind: served, url: 'http://127.0.0.1:9', models: {any: stub}}\n",
        encoding="utf-8",
    )
    said = run("graph", "check", *ABOUT, "--pool", "pool.yaml")
    assert said.code == 2
    assert said.err.startswith("error: ")
