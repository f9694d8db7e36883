"""The vocabulary that ships: twenty values of the refined theory."""

from folkmoot.agents import SCHWARTZ_20


def test_there_are_twenty_values_each_with_a_label_of_its_own():
    assert len(SCHWARTZ_20.labels) == len(set(SCHWARTZ_20.labels.values())) == 20


def test_unknown_names_are_listed_in_their_order():
    assert SCHWARTZ_20.unknown(["thrift", "face", "Face"]) == ["thrift", "Face"]


def test_the_record_holds_the_labels_that_are_used():
    assert SCHWARTZ_20.ref(["power-dominance"]).plain() == {
        "id": "schwartz20",
        "version": "touche23",
        "labels": {"power-dominance": "power: dominance"},
    }
