"""pool.yaml: engines, those written and those placed, or faults with file, line and field."""

import json
import os
import struct
from pathlib import Path

import pytest

from folkmoot.pool import Pool, config
from folkmoot.pool.config import read_pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.placement.hardware import Hardware, Memory
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.replicas import Replicas
from folkmoot.pool.turns import InTurn
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.in_process import VllmInProcess
from folkmoot.pool.vllm.server import VllmServer
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


def test_vllm_in_this_process(tmp_path):
    text = (
        "engines: [{kind: vllm-in-process, models: {a: smollm2}, window: 512, flags: [--seed=1]}]"
    )
    (engine,) = read(tmp_path, text).engines
    assert isinstance(engine, VllmInProcess)
    assert (engine.name, engine.models) == ("vllm-in-process", ("a",))
    assert engine.describe()["flags"] == ["--seed=1"]


def test_what_a_server_promises_can_be_said(tmp_path):
    text = "engines: [{kind: served, url: http://10.0.0.7:8100, models: {nurse: m}, MORE}]"
    sure = read(tmp_path, text.replace("MORE", "seeds: true, batch_invariant: true"))
    assert sure.describe()[0]["batch_invariant"]
    assert sure.replay == "exact"
    unsure = read(tmp_path, text.replace("MORE", "seeds: true"))
    assert "batch_invariant" not in unsure.describe()[0]
    assert unsure.replay == "statistical"


def test_several_addresses_are_replicas(tmp_path):
    several = "[http://10.0.0.7:8100, http://10.0.0.8:8100]"
    text = "engines: [{kind: served, name: ward, url: URLS, models: {nurse: m}}]"
    (engine,) = read(tmp_path, text.replace("URLS", several)).engines
    assert isinstance(engine, Replicas)
    assert (engine.name, engine.models) == ("ward", ("nurse",))
    assert [each.name for each in engine.engines] == ["ward-1", "ward-2"]
    assert "is given twice" in fault(tmp_path, text.replace("URLS", "[http://a, http://a]"))
    assert "no address" in fault(tmp_path, text.replace("URLS", "[http://a, b]"))
    assert "is empty" in fault(tmp_path, text.replace("URLS", "[]"))


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


def model(folder: Path, layers: int = 2) -> Path:
    """A model's outline: its size is told by its configuration; its weights hold nothing."""
    folder.mkdir(parents=True)
    sizes = dict.fromkeys(("hidden_size", "intermediate_size", "vocab_size"), 512)
    heads = {"num_attention_heads": 8, "num_key_value_heads": 8, "num_hidden_layers": layers}
    said = sizes | heads | {"max_position_embeddings": 4096, "dtype": "bfloat16"}
    (folder / "config.json").write_text(json.dumps(said))
    (folder / "model.safetensors").write_bytes(tensors({}))
    return folder


def tensors(shapes: dict[str, tuple[int, int]]) -> bytes:
    header: dict[str, object] = {}
    at = 0
    for name, (rows, columns) in shapes.items():
        end = at + 4 * rows * columns
        header[name] = {"dtype": "F32", "shape": [rows, columns], "data_offsets": [at, end]}
        at = end
    said = json.dumps(header).encode()
    return struct.pack("<Q", len(said)) + said + bytes(at)


def adapter(folder: Path, width: int = 512) -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"r": 8, "peft_type": "LORA"}))
    layer = "base_model.model.model.layers.0.self_attn.q_proj"
    shapes = {f"{layer}.lora_A.weight": (8, width), f"{layer}.lora_B.weight": (width, 8)}
    (folder / "adapter_model.safetensors").write_bytes(tensors(shapes))
    return folder


PLACED = """\
models:
  plain: base
  nurse: {base: base, adapter: adapters/nurse}
  other: other
machines:
  - name: here
    gpus: [24, 24]
  - {name: there, host: 192.0.2.7, gpus: [24], ports: 9000}
window: 2048
replicas: {plain: 2}
engines:
  - kind: vllm
    name: fixed
    models: {poet: {base: base, adapter: adapters/nurse}}
    port: 8100
    replicas: 2
"""


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    model(tmp_path / "base")
    model(tmp_path / "other")
    adapter(tmp_path / "adapters" / "nurse")
    (tmp_path / "pool.yaml").write_text(PLACED)
    return tmp_path


def test_models_are_placed_and_folders_count_from_the_file(folders: Path, monkeypatch):
    monkeypatch.chdir("/")
    found = read_pool(folders / "pool.yaml")
    assert [each.name for each in found.placed] == ["base-1", "base-2", "other"]
    first = found.placed[0]
    nurse = Source(base=str(folders / "base"), adapter=str(folders / "adapters" / "nurse"))
    assert first.models == {"plain": Source(base=str(folders / "base")), "nurse": nurse}
    assert (first.window, first.replica_of) == (2048, "base")
    fixed, base, other = found.engines
    assert isinstance(fixed, Replicas)
    assert isinstance(base, Replicas)
    assert (fixed.name, base.name, other.name) == ("fixed", "base", "other")
    assert fixed.models == ("poet",)
    assert set(base.models) == {"plain", "nurse"}
    ports = [(each.machine, each.port) for each in found.placed]
    assert not {("here", 8100), ("here", 8101)} & set(ports), "an engine has these"
    assert ("there", 9000) in ports


def test_servers_of_other_machines_are_asked_there(folders: Path):
    found = read_pool(folders / "pool.yaml")
    engines = {each.name: each for engine in found.engines[1:] for each in parts(engine)}
    for placed in found.placed:
        here = placed.machine == "here"
        assert isinstance(engines[placed.name], VllmServer if here else VllmEngine)
        if not here:
            assert engines[placed.name].describe()["url"] == f"http://192.0.2.7:{placed.port}"


def parts(engine):
    return engine.engines if isinstance(engine, Replicas) else (engine,)


def test_servers_that_take_turns_know_of_each_other(folders: Path):
    text = "models: {a: base, b: other}\nmachines: [{name: here, memory_gib: 5}]\n"
    (folders / "pool.yaml").write_text(text)
    found = read_pool(folders / "pool.yaml")
    assert [(each.name, each.models) for each in found.engines] == [
        ("base", ("a",)),
        ("other", ("b",)),
    ]
    assert all(isinstance(each, InTurn) for each in found.engines)
    assert {each.turns for each in (*found.engines, *found.placed)} == {"turns-1"}


def test_without_machines_this_one_is_taken_as_found(folders: Path, monkeypatch):
    gib = 2**30
    found = Hardware((Memory(80 * gib, 1 * gib),), Memory(0, 0), 2)
    monkeypatch.setattr(config.hardware, "look", lambda: found)
    (folders / "pool.yaml").write_text("models: [other]\n")
    (placed,) = read_pool(folders / "pool.yaml").placed
    assert (placed.machine, placed.host, placed.gpus) == ("here", "127.0.0.1", (0,))
    assert placed.share == pytest.approx(0.9, abs=0.001), "what is used just now does not count"
    (folders / "pool.yaml").write_text("models: [other]\nmachines: [{name: x, gpus: auto}]\n")
    assert read_pool(folders / "pool.yaml").placed[0].machine == "x"


def test_an_embedded_engine_takes_adapters_too(folders: Path):
    text = "engines: [{kind: embedded, models: {n: {base: base, adapter: adapters/nurse}, s: smollm2}}]"
    (folders / "pool.yaml").write_text(text)
    (folders / "smollm2").mkdir()
    (engine,) = read_pool(folders / "pool.yaml").engines
    assert isinstance(engine, Embedded)
    assert engine._models == {
        "n": Source(base=str(folders / "base"), adapter=str(folders / "adapters" / "nurse")),
        "s": Source(base="smollm2"),
    }, "a packaged name is one wherever it stands"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("plain: base", "poet: base", "pool.yaml:2: models.poet: 'poet' is answered for by engin"),
        ("plain: base", "plain: 7", "pool.yaml:2: models.plain: "),
        ("adapter: a", "adaptor: a", "pool.yaml:3: models.nurse.adaptor: is no field here"),
        ("other: other", "other: nope", "pool.yaml:4: models.other: unknown model 'nope'"),
        ("name: there", "name: here", "pool.yaml:8: machines[1].name: 'here' is taken"),
        ("192.0.2.7", "http://a:80", "pool.yaml:8: machines[1].host: 'http://a:80' is no address"),
        (
            "gpus: [24], p",
            "gpus: auto, p",
            "pool.yaml:8: machines[1].gpus: what 192.0.2.7 has is n",
        ),
        ("gpus: [24], p", "p", "pool.yaml:8: machines[1].gpus: what 192.0.2.7 has is not known"),
        ("gpus: [24, 24]", "gpus: [-1]", "pool.yaml:7: machines[0].gpus[0]: input should be gr"),
        ("window: 2048", "window: 0", "pool.yaml:9: window: input should be greater than or eq"),
        ("{plain: 2}", "{plan: 2}", "pool.yaml:10: replicas.plan: 'plan' is not among `models`"),
        ("{plain: 2}", "{base: 0}", "pool.yaml:10: replicas.base: input should be greater than"),
        ("{plain: 2}", "{plain: 60}", "pool.yaml:2: models.plain: copy "),
        ("{plain: 2}", "{plain: 100000}", "pool.yaml:10: replicas.plain: input should be less th"),
        ("gpus: [24, 24]", "gpus: [1e300]", "pool.yaml:7: machines[0].gpus[0]: input should be l"),
        ("window: 2048", "window: 1e30", "pool.yaml:9: window: "),
        ("ports: 9000", "ports: 70000", "pool.yaml:8: machines[1].ports: input should be less"),
        ("port: 8100", "port: 65535", "pool.yaml:15: engines[0].port: 65536 would be that of its"),
    ],
)
def test_a_fault_of_what_is_placed_names_its_place(folders: Path, old, new, said):
    assert old in PLACED
    text = PLACED.replace(old, new, 1)
    assert fault(folders, text).startswith(said)


def test_an_adapter_that_does_not_fit_is_found_before_anything_starts(folders: Path):
    (folders / "base" / "model.safetensors").write_bytes(
        tensors({"model.layers.0.self_attn.q_proj.weight": (256, 256)})
    )
    found = fault(folders, PLACED)
    assert found.startswith("pool.yaml:3: models.nurse: the adapter '")
    assert "takes model.layers.0.self_attn.q_proj for 512 x 512" in found


def test_what_is_for_models_needs_models(tmp_path: Path):
    assert fault(tmp_path, "engines: []").startswith("pool.yaml:1: engines: names no engines")
    text = "engines: [{kind: embedded, models: [a]}]\nwindow: 5\n"
    assert fault(tmp_path, text).startswith("pool.yaml:2: window: is for `models` to be placed")


def test_ports_are_counted_up_as_far_as_there_are_any(folders: Path):
    """Three servers are placed on two machines, one or two of them on the second."""
    found = fault(folders, PLACED.replace("- name: here", "- name: here\n    ports: 65535"))
    assert "no port is left on machine 'here' for" in found


def test_only_a_small_regular_file_is_read(tmp_path: Path):
    with pytest.raises(PoolError, match="it is no regular file"):
        read_pool("/dev/zero")
    with pytest.raises(PoolError, match="it is no regular file"):
        read_pool(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PoolError, match="it is no regular file"):
        read_pool(tmp_path / "pipe")
    (tmp_path / "large.yaml").write_text("# " + "x" * 2**20)
    with pytest.raises(PoolError, match="1,048,578 bytes: a pool file has 1,048,576 at most"):
        read_pool(tmp_path / "large.yaml")
