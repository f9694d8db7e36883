"""What is shipped is what the sources of the page are: seen without npm."""

import hashlib
import html
import json
import re
from pathlib import Path

from folkmoot.records.viewer.page import STATIC, shell

PAGE = Path(__file__).parents[3] / "records" / "viewer" / "page"


def sources() -> list[str]:
    top = ["build.mjs", "package-lock.json", "package.json", "tsconfig.json"]
    return sorted([*top, *(f"src/{each.name}" for each in (PAGE / "src").iterdir())])


def test_the_built_page_is_of_the_sources_beside_it():
    built = json.loads((STATIC / "build.json").read_text())
    found = hashlib.sha256()
    for name in sources():
        found.update(name.encode() + b"\0" + (PAGE / name).read_bytes() + b"\0")
    assert built["sources"] == sources()
    assert built["sources_sha256"] == found.hexdigest(), "run: npm ci && npm run build, in page/"


def test_what_was_built_was_not_changed_by_hand():
    built = json.loads((STATIC / "build.json").read_text())
    for name in ("page.js", "page.css"):
        found = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
        assert built["built"][name] == found, f"{name}: run npm ci && npm run build, in page/"


def test_the_versions_of_what_is_built_with_are_pinned():
    package = json.loads((PAGE / "package.json").read_text())
    every = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in every.values()), every
    lock = json.loads((PAGE / "package-lock.json").read_text())
    assert all("integrity" in each for path, each in lock["packages"].items() if path)


def test_the_page_reaches_for_nothing():
    page = html.unescape(shell().decode())
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|href|action)\s*=\s*["']?(https?:)?//""", page)
    # Namespaces are names, not addresses: nothing is fetched from there.
    addresses = set(re.findall(r"https?://[\w./-]+", page))
    assert all(each.startswith("http://www.w3.org/") for each in addresses), addresses


def test_the_sources_of_the_page_are_of_a_readable_size():
    longest = {each.name: each.read_text().count("\n") for each in (PAGE / "src").iterdir()}
    assert max(longest.values()) <= 350, longest
