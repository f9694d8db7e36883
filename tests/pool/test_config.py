"""pool.yaml: engines, or faults with file, line and field."""

import pytest

from folkmoot.pool import Pool
from folkmoot.records import PoolError

GOOD = """\
engines:
  - kind: embedded
    models: [smollm2]
    max_batch: 4
  - kind: vllm
    models: [smollm2-base]
    port: 8001
  - kind: served
    name: ward
    url: http://127.0.0.1:8000
    models: {nurse-7b: org/model}
    key_env: MY_KEY
patience_s: 5
"""


def read(tmp_path, text: str) -> Pool:
    file = tmp_path / "pool.yaml"
    file.write_text(text, encoding="utf-8")
    return Pool.from_yaml(file)


def fault(tmp_path, text: str) -> str:
    with pytest.raises(PoolError) as found:
        read(tmp_path, text)
    return found.value.message.replace(f"{tmp_path}/", "")


def test_each_kind_of_engine_with_its_models(tmp_path):
    pool = read(tmp_path, GOOD)
    assert [(engine.name, engine.models) for engine in pool.engines] == [
        ("embedded", ("smollm2",)),
        ("vllm", ("smollm2-base",)),
        ("ward", ("nurse-7b",)),
    ]
    assert pool.patience_s == 5


def test_engines_of_one_kind_are_told_apart(tmp_path):
    text = "engines: [{kind: embedded, models: [a]}, {kind: embedded, models: [b]}]"
    assert [engine.name for engine in read(tmp_path, text).engines] == ["embedded-1", "embedded-2"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("url: http://", "url: ", "pool.yaml:10: engines[2].url: '127.0.0.1:8000' is no address"),
        ("url: http", "uri: http", "pool.yaml:8: engines[2].url: is missing"),
        ("port: 8001", "port: eight", "pool.yaml:7: engines[1].port: input should be a valid int"),
        ("kind: vllm", "kind: vlm", "pool.yaml:5: engines[1]: is of no known kind; expected 'emb"),
        ("max_batch: 4", "max_batch: 0", "pool.yaml:4: engines[0].max_batch: input should be gr"),
        ("[smollm2]", "[]", "pool.yaml:3: engines[0].models: "),
        ("max_batch", "maxbatch", "pool.yaml:4: engines[0].maxbatch: is no field here"),
        ("patience_s: 5", "patience_s: no", "pool.yaml:13: patience_s: input should be a valid nu"),
        ("[smollm2-base]", "[smollm2]", "pool.yaml:6: engines[1].models: 'smollm2' is answered"),
        ("name: ward", "name: ward\n    name: x", "pool.yaml:10: not YAML: found duplicate key"),
    ],
)
def test_a_fault_names_file_line_and_field(tmp_path, old, new, said):
    assert old in GOOD
    assert fault(tmp_path, GOOD.replace(old, new, 1)).startswith(said)


def test_every_fault_is_listed(tmp_path):
    found = fault(tmp_path, "engines:\n  - kind: served\n    port: 1\npatience_s: -1\n")
    assert found.splitlines() == [
        "pool.yaml:2: engines[0].url: is missing",
        "pool.yaml:2: engines[0].models: is missing",
        "pool.yaml:3: engines[0].port: is no field here",
        "pool.yaml:4: patience_s: input should be greater than 0, not -1",
    ]


def test_names_are_taken_once(tmp_path):
    entry = "  - {kind: embedded, name: x, models: [M]}\n"
    found = fault(tmp_path, "engines:\n" + entry.replace("M", "a") + entry.replace("M", "b"))
    assert found == "pool.yaml:3: engines[1].name: 'x' is taken"


def test_no_file_no_engines():
    with pytest.raises(PoolError, match=r"no such file: 'nowhere\.yaml'"):
        Pool.from_yaml("nowhere.yaml")
