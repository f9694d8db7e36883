"""A pool that stays up, whole and real: brought up, used by two processes, killed, taken down."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from folkmoot.cli import main
from folkmoot.pool.up.running import Running, find
from folkmoot.records import load, read_journal

pytestmark = pytest.mark.vllm

POOL = """\
engines:
  - kind: vllm
    models: {{tiny: {folder}}}
    window: 512
    kv_cache_gib: 1
"""
ASK = ("ask", "Name a colour.", "--panel", "panel.yaml", "--pool", "pool.yaml", "--quiet")
HOW = ("--protocol", "single", "--param", "seat=nurse", "--max-tokens", "8")


def servers(model: Path) -> list[int]:
    """Processes whose command line serves this model, guards left out."""
    found: list[int] = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_text().split("\0")
        except OSError:
            continue
        if str(model) in words and "vllm.entrypoints.openai.api_server" in words[:5]:
            found.append(int(line.parent.name))
    return found


def asked() -> "subprocess.Popen[str]":
    line = [sys.executable, "-P", "-m", "folkmoot", *ASK, *HOW]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_ready(path: str, restarts: int, within_s: float = 400.0) -> Running:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        found = find(path)
        if found is not None:
            (server,) = found.servers
            if server.restarts == restarts and server.phase == "ready":
                return found
        time.sleep(0.5)
    raise AssertionError(f"the server did not come back: {find(path)}")


def test_up_used_by_two_killed_back_by_itself_and_down(
    vllm_here: None, tiny_served_model: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FOLKMOOT_HOME", str(Path("home").absolute()))
    Path("pool.yaml").write_text(POOL.format(folder=tiny_served_model))
    Path("panel.yaml").write_text("agents:\n  - {name: nurse, model: tiny}\n")
    try:
        assert main(["pool", "up", "--detach"]) == 0, capsys.readouterr()
        (first,) = servers(tiny_served_model)
        capsys.readouterr()
        assert main(["pool", "status", "--json"]) == 0
        (status,) = json.loads(capsys.readouterr().out)["engines"]
        assert (status["state"], status["running"], status["most"]) == ("ready", 0, 64)

        for each in [asked(), asked()]:
            out, err = each.communicate(timeout=300)
            assert each.returncode == 0, (out, err)
        assert servers(tiny_served_model) == [first], "nobody started another"
        records = list(Path("runs").iterdir())
        assert len(records) == 2
        for record in records:
            opening = read_journal(record).opening
            assert opening.models[0].weights_sha256 is not None
            assert opening.engines[0]["kind"] == "vllm-server"
            outcome = load(record)
            assert outcome.ledger.total.calls == 1
            assert not [absence for absence in outcome.absences if absence.state == "unavailable"]

        os.kill(first, signal.SIGKILL)
        back = until_ready("pool.yaml", restarts=1)
        assert back.servers[0].url == status["url"]
        (second,) = servers(tiny_served_model)
        assert second != first
        assert main(["pool", "status"]) == 0
    finally:
        assert main(["pool", "down"]) == 0
    assert servers(tiny_served_model) == []
    assert not back.supervisor.lives
    assert list(Path("home/pools").iterdir()) == []
