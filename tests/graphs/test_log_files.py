"""A log in a protocol file, and in a record from which a run is taken up."""

import pytest

from folkmoot.graphs import read_protocol, write_protocol
from folkmoot.graphs.files import rebuilt
from folkmoot.protocols import (
    Composed,
    Debate,
    Log,
    Setting,
    Speak,
    Stand,
    log_of,
    reference,
    with_log,
)
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.records import InputError

LOG = Log(clerk="small", pairs=12, ratify=True)
MINE = Composed(name="mine", parts=(Stand(), Speak(), Contest(), Decide(), Conclude()))
SETTING = Setting(("ann", "bo"), ("yes", "no"))


@pytest.mark.parametrize("protocol", [Debate(rounds=2), MINE], ids=["named", "composed"])
def test_a_file_gives_the_log_back(tmp_path, protocol):
    path = tmp_path / "mine.yaml"
    write_protocol(with_log(protocol, LOG), path)
    read = read_protocol(path)
    assert log_of(read) == LOG
    assert reference(read, SETTING) == reference(with_log(protocol, LOG), SETTING)
    assert "clerk: small" in path.read_text()


@pytest.mark.parametrize("protocol", [Debate(rounds=2), MINE], ids=["named", "composed"])
def test_a_record_gives_the_log_back(protocol):
    named = reference(with_log(protocol, LOG), SETTING)
    assert named.log == {"clerk": "small", "pairs": 12, "ratify": True}
    assert reference(rebuilt(named), SETTING) == named
    assert reference(protocol, SETTING).log is None
    assert reference(protocol, SETTING).graph_sha256 != named.graph_sha256


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("protocol: debate\nlog: {clark: small}", "clark"),
        ("protocol: debate\nlog: {pairs: 0}", "pairs"),
        ("protocol: debate\nlog: {layers: [rule], clerk: small}", "switched off"),
        ("protocol: debate\nlog: yes", "log"),
    ],
)
def test_a_wrong_log_is_named_with_its_line(tmp_path, text, said):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as fault:
        read_protocol(path)
    assert f"{path}:2" in str(fault.value)
