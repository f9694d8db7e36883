"""How a run begins: what a stranger needs to read the weights of the panel's values."""

from folkmoot.records import Opening, Party, ProtocolRef
from folkmoot.records.opening import VocabularyRef


def opening(*parties: Party) -> Opening:
    return Opening(
        run_id="r",
        question="Q?",
        seed=0,
        parties=parties,
        protocol=ProtocolRef(name="p", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00.000Z",
    )


def words(**labels: str) -> VocabularyRef:
    return VocabularyRef(id="own", version="2", labels=labels)


def test_the_vocabulary_stands_next_to_the_weights_and_is_read_again():
    party = Party(
        seat="nurse", model="m", values={"thrift": 1.0}, vocabulary=words(thrift="Thrift")
    )
    held = opening(party).plain()
    assert Opening.model_validate(held) == opening(party)
    assert held["parties"][0]["vocabulary"] == {
        "id": "own",
        "version": "2",
        "labels": {"thrift": "Thrift"},
    }


def test_labels_are_those_of_all_seats_whose_vocabulary_is_known():
    assert opening(
        Party(seat="nurse", model="m", values={"thrift": 1.0}, vocabulary=words(thrift="Thrift")),
        Party(seat="clerk", model="m", values={"care": 1.0}),
        Party(seat="patient", model="m", values={"face": 1.0}, vocabulary=words(face="good name")),
    ).labels == {"thrift": "Thrift", "face": "good name"}
