"""Links, pipes, floods and strange names in a folder."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot.agents.intake import Limits
from folkmoot.agents.intake.faults import Unreadable
from folkmoot.agents.intake.tree import read, scan


def _link_out(folder: Path) -> None:
    (folder / "notes.md").symlink_to("/etc/passwd")


def _link_inside(folder: Path) -> None:
    (folder / "notes.md").symlink_to("README.md")


def _linked_folder(folder: Path) -> None:
    (folder / "more").symlink_to("/etc", target_is_directory=True)


def _link_to_itself(folder: Path) -> None:
    (folder / "notes.md").symlink_to("notes.md")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "config.json")


def _socket(folder: Path) -> None:
    here = os.getcwd()
    os.chdir(folder)  # A socket's path is at most 107 bytes.
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("config.json")
    finally:
        os.chdir(here)


def _hidden_program(folder: Path) -> None:
    (folder / ".git/hooks").mkdir(parents=True)
    hook = folder / ".git/hooks/post-checkout.txt"
    hook.write_text("echo\n")
    hook.chmod(0o755)


def _folder_like_a_file(folder: Path) -> None:
    (folder / "tokenizer.json").mkdir()


def _no_utf8(folder: Path) -> None:
    (folder / os.fsdecode(b"caf\xe9.md")).write_text("")


def _bidi(folder: Path) -> None:
    (folder / "read\u202ednosj.md").write_text("")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_link_out, "is a link"),
        (_link_inside, "is a link"),
        (_linked_folder, "is a link"),
        (_link_to_itself, "is a link"),
        (_pipe, "is a pipe"),
        (_socket, "is a pipe, a socket"),
        (_hidden_program, "hidden and may be executed"),
        (_folder_like_a_file, "is a folder with the name of a file"),
        (_no_utf8, "characters that hide or are no text"),
        (_bidi, "characters that hide or are no text"),
    ],
)
def test_what_a_folder_may_not_hold(offer: Any, spoil: Callable[[Path], None], said: str) -> None:
    spoil(offer.folder)
    found = offer.findings()["folder"]
    assert found.verdict == "failed"
    assert said in found.said
    assert found.where
    assert found.where.isprintable()


def test_a_link_in_the_place_of_the_weights_is_not_followed(offer: Any, tmp_path: Path) -> None:
    weights = offer.folder / "adapter/adapter_model.safetensors"
    weights.rename(tmp_path / "elsewhere.safetensors")
    weights.symlink_to(tmp_path / "elsewhere.safetensors")
    found = offer.findings()
    assert (
        found["folder"].verdict == found["adapter"].verdict == found["digests"].verdict == "failed"
    )
    assert found["safetensors"].verdict == "not_asked"


def test_a_folder_in_the_place_of_the_weights_is_no_adapter(offer: Any) -> None:
    weights = offer.folder / "adapter/adapter_model.safetensors"
    weights.unlink()
    weights.mkdir()
    found = offer.findings()
    assert "name of a file" in found["folder"].said
    assert "adapter_model.safetensors is no file" in found["adapter"].said


def test_a_pipe_in_the_place_of_the_weights_does_not_hang(offer: Any) -> None:
    weights = offer.folder / "adapter/adapter_model.safetensors"
    weights.unlink()
    os.mkfifo(weights)
    assert offer.findings()["folder"].verdict == "failed"


def test_a_file_that_becomes_a_link_is_not_followed(offer: Any, tmp_path: Path) -> None:
    tree = scan(offer.folder, 100)
    file = offer.folder / "README.md"
    file.rename(tmp_path / "README.md")
    file.symlink_to(tmp_path / "README.md")
    entry = tree.file("README.md")
    assert entry is not None
    with pytest.raises(Unreadable):
        read(tree, entry, 100)


def test_a_vast_file_without_content_is_not_read(offer: Any) -> None:
    with (offer.folder / "adapter/more.safetensors").open("wb") as stream:
        stream.truncate(2**40)
    found = offer.findings()
    assert "bytes, and 67,108,864 are allowed" in found["folder"].said
    assert found["folder"].where == "adapter/more.safetensors"
    assert found["digests"].verdict == found["numbers"].verdict == "not_asked"
    assert found["safetensors"].verdict == "failed"


def test_a_flood_of_files_is_cut(offer: Any) -> None:
    for number in range(60):
        offer.write(f"deep/{number}/{number}/{number}.md", "")
    found = offer.findings(Limits(files=50))["folder"]
    assert "more than 50 files and folders" in found.said
    assert found.evidence["whole"] is False


def test_a_deep_folder_is_listed_to_the_bound(offer: Any) -> None:
    offer.write("/".join("d" * 300) + "/end.md", "")
    assert offer.findings(Limits(files=100))["folder"].verdict == "failed"


def test_unknown_kinds_are_named(offer: Any) -> None:
    offer.write("data.csv", "a,b\n")
    found = offer.findings()["folder"]
    assert (found.verdict, found.where) == ("warned", "data.csv")


@pytest.mark.parametrize(
    "name", ["LICENSE", "LICENSE-MIT", "NOTICE", "merges.txt", "vocab.json", "tokenizer.model"]
)
def test_known_kinds_pass(offer: Any, name: str) -> None:
    offer.write(name, "{}")
    assert offer.findings()["folder"].verdict == "passed"


@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "adapter/../../x"])
def test_a_declared_adapter_stays_inside(offer: Any, path: str) -> None:
    offer.declare(adapter=path)
    found = offer.findings()
    assert "`adapter` leads out of the folder" in found["folder"].said
    assert found["folder"].where.startswith("contribution.yaml:")
    assert found["adapter"].verdict == "failed"


@pytest.mark.parametrize("path", ["../base", "/models/base", "~/base", "a/b/c", "https://x.y/z"])
def test_a_base_is_a_name_or_a_folder_inside(offer: Any, path: str) -> None:
    offer.declare(base=path)
    assert "`base` is no name of a model" in offer.findings()["folder"].said


def test_an_adapter_may_lie_at_the_top(offer: Any) -> None:
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (offer.folder / "adapter" / name).rename(offer.folder / name)
    (offer.folder / "adapter").rmdir()
    offer.declare(adapter=".")
    offer.pin()
    assert {each.verdict for each in offer.findings().values()} == {"passed", "not_asked"}
