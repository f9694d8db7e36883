"""`folkmoot view` and `folkmoot export --as html`, as somebody types them."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def asked(run) -> Path:
    """A record of a scripted panel."""
    said = run(
        "ask", "Share?", "--panel", "panel.yaml", "--option", "yes", "--option", "no", "--json"
    )
    assert said.code == 0, said.err
    return Path(json.loads(said.out)["record"])


def test_view_saves_one_page_that_is_the_same_as_the_export(run, asked, tmp_path):
    said = run("view", str(asked), "--to", "page.html")
    assert said.code == 0
    assert said.out == f"saved page.html ({(tmp_path / 'page.html').stat().st_size:,} bytes)\n"
    found = json.loads(run("view", str(asked.parent), "--to", "all.html", "--json").out)
    assert found == {"file": "all.html", "bytes": (tmp_path / "all.html").stat().st_size}
    assert run("export", str(asked), "--as", "html", "--to", "other.html").code == 0
    assert (tmp_path / "other.html").read_bytes() == (tmp_path / "page.html").read_bytes()


def test_view_says_what_is_wrong_and_what_to_do(run, asked, tmp_path):
    assert run("view", "nowhere").code == 2
    assert "no folder 'nowhere'" in run("view", "nowhere").err
    said = run("view", str(asked), "--to", "no/such/folder/page.html")
    assert said.code == 2
    assert "cannot write 'no/such/folder/page.html'" in said.err
    text = (asked / "journal.jsonl").read_bytes()
    (asked / "journal.jsonl").write_bytes(text.replace(b'"n":3', b'"n":4', 1))
    said = run("view", str(asked), "--to", "page.html")
    assert said.code == 2
    assert "line 3" in said.err
    assert not list(tmp_path.glob("page.html*"))


def test_view_serves_until_it_is_stopped(asked):
    line = [sys.executable, "-m", "folkmoot", "view", str(asked), "--no-browser"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment) as viewer:
        assert viewer.stdout is not None
        try:
            url = viewer.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", url)
            with urlopen(f"{url}api/runs", timeout=30) as answer:
                assert [row["question"] for row in json.load(answer)["runs"]] == ["Share?"]
        finally:
            viewer.send_signal(signal.SIGINT)
        assert viewer.wait(30) == 0
