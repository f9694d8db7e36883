"""A folder is there whole or not at all, whoever writes it."""

from pathlib import Path

import pytest

from folkmoot.pool.models.whole_folder import whole_folder


def test_it_appears_whole_at_the_end(tmp_path: Path):
    folder = tmp_path / "a" / "model"
    with whole_folder(folder, "sign") as part:
        (part / "sign").write_text("x")
        assert not folder.exists()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["model"]
    assert (folder / "sign").read_text() == "x"


def write(folder: Path, fault: Exception | None = None) -> None:
    with whole_folder(folder, "sign") as part:
        (part / "sign").write_text("x")
        if fault is not None:
            raise fault


def test_what_fails_leaves_nothing(tmp_path: Path):
    with pytest.raises(RuntimeError, match="torn"):
        write(tmp_path / "model", RuntimeError("torn"))
    assert list(tmp_path.iterdir()) == []


def test_the_first_of_two_writers_wins(tmp_path: Path):
    folder = tmp_path / "model"
    with whole_folder(folder, "sign") as late:
        (late / "sign").write_text("late")
        with whole_folder(folder, "sign") as early:
            (early / "sign").write_text("early")
    assert (folder / "sign").read_text() == "early"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_in_the_way_that_is_not_whole_is_an_error(tmp_path: Path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "other").write_text("x")
    with pytest.raises(OSError, match="not empty"):
        write(tmp_path / "model")
