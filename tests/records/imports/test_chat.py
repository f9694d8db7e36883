"""Plain transcripts: what is read, and what is refused at which line."""

import json
from pathlib import Path

import pytest

from folkmoot.records import InputError, RecordError
from folkmoot.records.imports import form_of, read_dialogues
from folkmoot.records.imports.chat import read_chat
from folkmoot.records.imports.dialogue import folder_name, rounds

ROWS = [
    {"speaker": "ann", "text": "Yes.\u2028It is\r\nso.", "position": "yes", "question": "Is it?"},
    {"speaker": "bo", "text": "No 😀", "position": "no", "replies_to": 1, "mood": "calm"},
    {"speaker": "ann", "text": "", "replies_to": [2, 1]},
]


def write(folder: Path, name: str, *rows: object) -> Path:
    file = folder / name
    lines = (
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in rows
    )
    file.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return file


def test_what_is_said_is_taken_over_to_the_codepoint(tmp_path) -> None:
    (read,) = read_chat(write(tmp_path, "talk.jsonl", *ROWS))
    assert read.name == "talk"
    assert read.question == "Is it?"
    assert [each.text for each in read.said] == [row["text"] for row in ROWS]
    assert [each.position for each in read.said] == ["yes", "no", None]
    assert [each.replies_to for each in read.said] == [(), (1,), (2, 1)]
    assert read.speakers == ("ann", "bo")
    assert read.passed_over == {"mood": 1}
    assert len(read.origin.sha256) == 64


def test_json_csv_and_jsonl_come_to_the_same(tmp_path) -> None:
    rows = [
        {"speaker": "a", "text": 'said, "so"\n', "round": 0},
        {"speaker": "b", "text": "no", "round": 1},
    ]
    texts = [
        read_chat(write(tmp_path, "t.jsonl", *rows))[0].said,
        read_chat(write(tmp_path, "t.json", json.dumps(rows)))[0].said,
        read_chat(write(tmp_path, "u.json", json.dumps({"messages": rows})))[0].said,
    ]
    csv = 'speaker,text,round,position\na,"said, ""so""\n",0,\nb,no,1,\n'
    (tmp_path / "t.csv").write_text(csv, encoding="utf-8", newline="")
    texts.append(read_chat(tmp_path / "t.csv")[0].said)
    assert all(each == texts[0] for each in texts)
    assert texts[0][0].text == 'said, "so"\n'


def test_fields_as_other_frameworks_name_them(tmp_path) -> None:
    rows = [
        {"role": "user", "content": "Is it?"},
        {"role": "assistant", "name": "critic", "content": [{"type": "text", "text": "No."}]},
    ]
    (read,) = read_chat(write(tmp_path, "t.jsonl", *rows))
    assert [(each.speaker, each.text) for each in read.said] == [
        ("user", "Is it?"),
        ("critic", "No."),
    ]
    assert read.passed_over == {"role": 1}


def test_each_dialogue_of_a_file_is_one_of_its_own(tmp_path) -> None:
    rows = [{"speaker": f"s{n % 2}", "text": f"{n}", "dialogue": f"d/{n // 2}"} for n in range(6)]
    read = read_chat(write(tmp_path, "t.jsonl", *rows))
    assert [each.name for each in read] == ["t-d-0", "t-d-1", "t-d-2"]
    assert [each.origin.part for each in read] == ["d/0", "d/1", "d/2"]
    assert all(len(each.said) == 2 for each in read)


def test_ids_of_messages_are_what_answers_name(tmp_path) -> None:
    rows = [
        {"id": "x", "speaker": "a", "text": "1"},
        {"id": "y", "speaker": "b", "text": "2", "reply_to": "x"},
    ]
    assert read_chat(write(tmp_path, "t.jsonl", *rows))[0].said[1].replies_to == (1,)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "line 2: not JSON"),
        ("[1]", "line 2: no JSON object"),
        ({"text": "x"}, "line 2: no speaker"),
        ({"speaker": "  ", "text": "x"}, "line 2: the speaker has no name"),
        ({"speaker": "b"}, ""),
        ({"speaker": "b", "text": 3}, "line 2: the text is neither"),
        (
            {"speaker": "b", "text": "x", "replies_to": 2},
            "line 2: answers '2', which is no message before",
        ),
        ({"speaker": "b", "text": "x", "replies_to": 9}, "line 2: answers '9'"),
        ({"speaker": "b", "text": "x", "round": 1}, "line 2: some messages name a round"),
        ({"speaker": "b", "text": "x", "round": "one"}, "line 2: 'one' is no round"),
        ({"speaker": "b", "text": "x", "question": "Other?"}, "2 questions in one dialogue"),
        ({"speaker": "b", "text": "x", "id": 1}, "line 2: two messages have the id '1'"),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_line(tmp_path, row, said) -> None:
    first = {"speaker": "a", "text": "x", "question": "Is it?"}
    file = write(tmp_path, "t.jsonl", first, row)
    if not said:
        assert read_chat(file)[0].said[1].text == ""
        return
    with pytest.raises(InputError) as caught:
        read_chat(file)
    assert said in caught.value.message
    assert caught.value.message.startswith("t.jsonl")


def test_a_file_that_cannot_be_read_is_said(tmp_path) -> None:
    with pytest.raises(RecordError, match="cannot read"):
        read_dialogues(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n\n", encoding="utf-8")
    with pytest.raises(InputError, match="no message"):
        read_dialogues(tmp_path / "empty.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"speaker": "\xe4"}')
    with pytest.raises(InputError, match="not UTF-8 at byte 13"):
        read_dialogues(tmp_path / "latin.jsonl")
    with pytest.raises(InputError, match="no form 'word'"):
        read_dialogues(tmp_path / "latin.jsonl", "word")
    (tmp_path / "bad.csv").write_text("speaker,text\na,b,c\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2: has another number of columns"):
        read_dialogues(tmp_path / "bad.csv")
    with pytest.raises(InputError, match="no log of Inspect"):
        read_dialogues(tmp_path / "latin.jsonl", "inspect")


def test_lone_surrogates_become_what_can_be_written(tmp_path) -> None:
    row = '{"speaker": "a\\ud800", "text": "x\\udfff", "question": "q"}'
    (read,) = read_chat(write(tmp_path, "t.jsonl", row))
    assert (read.said[0].speaker, read.said[0].text) == ("a\ufffd", "x\ufffd")


def test_rounds_that_nobody_names() -> None:
    assert rounds(["a", "b", "a", "b", "b", "c"]) == (0, 0, 1, 1, 2, 2)


def test_names_of_folders_are_names_of_folders() -> None:
    assert folder_name("../../etc", "a b/c\x00") == "etc-a-b-c"
    assert folder_name("..", "/") == "imported"
    assert len(folder_name("x" * 500)) == 120


def test_a_log_is_told_from_a_transcript(tmp_path) -> None:
    log = write(tmp_path, "a.json", '{\n "version": 2, "status": "success",\n "eval": {}}')
    assert form_of(log) == "inspect"
    assert form_of(write(tmp_path, "b.json", '{"version": 2, "messages": []}')) == "chat"
    assert form_of(tmp_path / "c.eval") == "inspect"
    assert form_of(tmp_path / "c.csv") == "chat"
