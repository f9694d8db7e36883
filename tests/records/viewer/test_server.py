"""The server answers its own page and nobody else, and writes nothing but annotations."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any, NamedTuple

import pytest

from folkmoot.records import InputError, RecordError, verify
from folkmoot.records.annotations import read_annotations
from folkmoot.records.viewer import Shelf, ViewServer


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class Client:
    """Asks the server as a browser would, or otherwise."""

    def __init__(self, server: ViewServer) -> None:
        self.port = int(server.url.split(":")[2].split("/")[0])
        self.token = server.viewer.token
        self.origin = f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, given)
            said = connection.getresponse()
            return Answered(said.status, dict(said.getheaders()), said.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answered:
        return self.ask(f"/{self.token}/{path}", **headers)

    def note(self, key: str, sent: object, **headers: str) -> Answered:
        own = {"Origin": self.origin, "Content_Type": "application/json"} | headers
        path = f"/{self.token}/api/run/{key}/notes"
        return self.ask(path, "POST", json.dumps(sent).encode(), **own)


@pytest.fixture(scope="module")
def runs(records, tmp_path_factory) -> Path:
    """A copy: these tests write to it."""
    return copytree(records.folder, tmp_path_factory.mktemp("served") / "runs")


@pytest.fixture(scope="module")
def client(runs: Path) -> Iterator[Client]:
    server = ViewServer(Shelf([runs]))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield Client(server)
    server.close()
    thread.join()


def test_it_listens_on_the_loopback_address_alone(client):
    with socket.create_server(("127.0.0.2", 0)) as other:
        assert other.getsockname()[0] == "127.0.0.2"  # This machine has a second loopback address.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", client.port), timeout=5).close()


def test_the_page_and_its_data_come_under_the_token(client):
    page = client.get("")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert {row["key"] for row in client.get("api/runs").json["runs"]} == {
        "first",
        "second",
        "hostile",
        "long",
    }
    core = client.get("api/run/first/core").json
    assert len(core["messages"]) == 8
    assert client.get("api/run/first/calls").json["calls"]
    assert client.get("api/run/first/integrity").json["ok"] is True


def test_every_answer_says_what_the_page_may_do(client):
    for path in ("", "api/runs", "api/run/nothing/core"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'sha256-")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/runs",
        "/favicon.ico",
        "/x/api/runs",
        "//api/runs",
        "/../../etc/passwd",
        "*",
    ],
)
def test_without_the_token_there_is_nothing(client, path):
    said = client.ask(path)
    assert said.status == 404
    assert b"first" not in said.data


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "[::1]:{port}"]
)
def test_another_name_for_this_address_is_refused(client, host):
    assert client.get("api/runs", Host=host.format(port=client.port)).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_page_from_elsewhere_is_refused(client, headers):
    given = {name: value.format(port=client.port) for name, value in headers.items()}
    assert client.get("api/runs", **given).status == 403
    assert client.note("first", {"by": "eve", "note": "x"}, **given).status == 403


def test_a_link_elsewhere_may_lead_to_the_page_but_not_frame_it(client):
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert client.get("", **followed, Sec_Fetch_Dest="document").status == 200
    assert client.get("", **followed, Sec_Fetch_Dest="iframe").status == 403
    sent = {"by": "eve", "note": "x"}
    assert client.note("first", sent, **followed, Sec_Fetch_Dest="document").status == 403


def test_what_is_no_record_is_not_there(client, runs):
    (runs.parent / "secret").write_text("secret")
    for path in ("../secret", "..%2fsecret", "%2e%2e%2fsecret", "first/../../secret", "first%00"):
        for part in ("core", "page.html", "notes"):
            said = client.get(f"api/run/{path}/{part}")
            assert said.status == 404
            assert b"secret" not in said.data
    assert client.get("api/run/first/journal.jsonl").status == 404


def test_an_annotation_is_kept_and_nothing_else_changes(client, runs):
    before = {each.name: each.read_bytes() for each in (runs / "first").iterdir() if each.is_file()}
    sent = {"about": "M1:0-7", "by": "ann", "label": "claim", "note": "</script>\u202e"}
    said = client.note("first", sent)
    assert said.status == 200
    (kept,) = said.json
    assert (kept["by"], kept["label"], kept["note"]) == ("ann", "claim", "</script>\u202e")
    assert b"</script>" not in said.data
    (found,) = read_annotations(runs / "first")
    assert (found.about.id, found.about.start, found.about.end) == ("M1", 0, 7)
    assert client.get("api/run/first/notes").json == said.json
    after = {name: (runs / "first" / name).read_bytes() for name in before}
    assert after == before
    assert verify(runs / "first").ok


@pytest.mark.parametrize(
    "sent",
    [
        {"by": "ann"},
        {"note": "nobody"},
        {"by": "ann", "note": "x", "about": "M99"},
        {"by": "ann", "note": "x", "about": "../M1"},
        {"by": "ann", "note": "x", "about": "M1:0-100000"},
        {"by": "ann", "note": "x", "label": "l" * 201},
        {"by": "ann", "note": "x", "kind": "finding"},
        {"by": 1, "note": "x"},
        [],
        None,
    ],
)
def test_what_is_no_annotation_is_refused(client, runs, sent):
    said = client.note("second", sent)
    assert said.status == 422
    assert said.json["error"]
    assert read_annotations(runs / "second") == ()


def test_an_annotation_comes_from_the_page_as_json(client, runs):
    path, body = f"/{client.token}/api/run/second/notes", b'{"by":"eve","note":"x"}'
    form = {"Origin": client.origin, "Content_Type": "text/plain"}
    assert client.ask(path, "POST", body, **form).status == 403
    assert client.ask(path, "POST", body, Content_Type="application/json").status == 403
    right = {"Origin": client.origin, "Content_Type": "application/json"}
    assert client.ask(path, "POST", b"x" * 70_000, **right).status == 413
    assert client.ask(path, "POST", b"{", **right).status == 400
    assert client.ask(path, "POST", b"[" * 60_000, **right).status == 400
    assert client.ask(path.replace("notes", "core"), "POST", body, **right).status == 404
    assert client.ask(path, "DELETE", **right).status == 501
    assert read_annotations(runs / "second") == ()


def test_a_broken_record_says_so_and_the_others_are_shown(runs, records):
    broken = copytree(records.second, runs / "broken")
    lines = (broken / "journal.jsonl").read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace(b'"n":5', b'"n":6')
    (broken / "journal.jsonl").write_bytes(b"".join(lines))
    server = ViewServer(Shelf([runs]))
    try:
        said = server.viewer.get("api/run/broken/core")
        assert said.status == 422
        assert "line 5" in json.loads(said.data)["error"]
        assert json.loads(server.viewer.get("api/run/broken/integrity").data)["ok"] is False
        assert server.viewer.get("api/run/second/core").status == 200
    finally:
        server.release()


def test_a_place_without_records_is_an_error(tmp_path):
    with pytest.raises((InputError, RecordError), match="no record"):
        Shelf([tmp_path])
    with pytest.raises((InputError, RecordError), match="no folder"):
        Shelf([tmp_path / "nowhere"])
