import pytest

from folkmoot.records import Issue, Transcript
from folkmoot.records.references import references


def test_a_whole_run_refers_only_to_itself(run):
    assert list(references(run.transcript)) == []


def changed(run, name: str, **fields) -> list[str]:
    """The findings when the first record of that name has other fields."""
    records = list(run.transcript.records)
    place = next(place for place, record in enumerate(records) if record.record == name)
    record = records[place]
    plain = {**record.plain(), **fields}
    records[place] = type(record).model_validate(plain)
    return list(references(Transcript(run.opening, records)))


@pytest.mark.parametrize(
    ("name", "fields", "what"),
    [
        ("turn", {"seat": "ghost"}, "seat 'ghost'"),
        ("turn", {"id": "M2"}, "two things are message M2"),
        ("turn", {"replies_to": ["M9"]}, "message 'M9'"),
        ("stance", {"seat": "ghost"}, "seat 'ghost'"),
        ("stance", {"about": "M9"}, "message 'M9'"),
        ("move", {"cites": ["M9"]}, "message 'M9'"),
        ("ballot", {"seat": "ghost"}, "seat 'ghost'"),
        ("ballot", {"id": "b2"}, "two things are ballot b2"),
        ("conflict", {"id": "cf2"}, "conflict 'cf1'"),
        ("conflict", {"about": "M9"}, "message 'M9'"),
        ("conflict", {"parent": "cf9"}, "conflict 'cf9'"),
        (
            "conflict",
            {"history": [{"round": 0, "event": "opened", "to_position": "cf1.z"}]},
            "position 'cf1.z'",
        ),
        ("conflict", {"history": [{"round": 0, "event": "conceded", "cites": ["M9"]}]}, "'M9'"),
        (
            "conflict",
            {"values_in_tension": [{"value": "care", "position": "cf1.z", "parties": []}]},
            "position 'cf1.z'",
        ),
        ("settlement", {"conflict": "cf9"}, "conflict 'cf9'"),
        ("settlement", {"dissent": [{"seat": "patient", "position": "x"}]}, "position 'x'"),
        ("settlement", {"dissent": [{"seat": "ghost", "position": "cf1.b"}]}, "seat 'ghost'"),
        (
            "answer",
            {"treatments": [{"conflict": "cf9", "treatment": "silent"}]},
            "conflict 'cf9'",
        ),
        (
            "answer",
            {
                "treatments": [
                    {"conflict": "cf1", "treatment": "partial", "positions_voiced": ["x"]}
                ]
            },
            "position 'x'",
        ),
        (
            "answer",
            {"sentences": [{"id": "a1", "start": 0, "end": 1, "cites": ["M9"]}]},
            "message 'M9'",
        ),
    ],
)
def test_what_is_not_on_record_is_found(run, name, fields, what):
    assert any(what in finding for finding in changed(run, name, **fields))


def test_an_issue_names_two_messages(run):
    issue = Issue(
        step=3, order=0, id="I1", seat="nurse", round=1, about="M2", type="fact", message="M1"
    )
    records = run.transcript.records
    assert list(references(Transcript(run.opening, [*records, issue]))) == []
    for lost in ({"about": "M9"}, {"message": "M9"}):
        wrong = issue.model_copy(update=lost)
        assert list(references(Transcript(run.opening, [*records, wrong])))
