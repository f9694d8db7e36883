"""A folder of records of every sort: whole, unfinished, annotated, hostile, of a clerk, and broken."""

import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from folkmoot.records.annotating import annotate
from folkmoot.records.annotations import About, Remark

ROOT = Path(__file__).parents[3]
PLANTED = "2026-11-23-234348-liberal-democracies"
"""A kept run on a real model: with relations and restatements of a clerk."""


@pytest.fixture(scope="session")
def kept(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records by name: `a/whole`, `a/stopped`, `hostile`, `real`, and `b/broken`, which is none."""
    folder = tmp_path_factory.mktemp("kept")
    run.write(folder / "a" / "whole")
    run.write(folder / "a" / "stopped", close=False)
    shutil.copytree(ROOT / "docs" / "vectors" / "hostile-text", folder / "hostile")
    shutil.copytree(ROOT / "docs" / "vectors" / "byte-changed", folder / "b" / "broken")
    run.write(folder / "a" / "whole" / "shadows" / "1-newcomer")
    with tarfile.open(ROOT / "bench" / "retained" / "planted.tar.xz") as archive:
        those = [each for each in archive if PLANTED in each.name]
        archive.extractall(folder / "passing", members=those, filter="data")
    (journal,) = (folder / "passing").rglob("journal.jsonl")
    journal.parent.rename(folder / "real")
    shutil.rmtree(folder / "passing")
    annotate(
        folder / "a" / "whole",
        Remark(about=About(what="message", id="M1"), label="fair", value=True),
        Remark(kind="correction", corrects="a1", label="fair", value=False, reason="read again"),
        by="an auditor",
    )
    return folder
