"""The live view: a fold over events, and the lines it draws."""

from typing import Any

from folkmoot.graphs import events
from folkmoot.live import _VOICES, loading_line, stage_line, voice_lines
from folkmoot.pool import Progress
from folkmoot.records import Call, Opening, Party, ProtocolRef, Reply, Stance
from folkmoot.watch import Voice, Watch


def a_call(order: int, op: Any = "generate", step: int = 3, seat: str = "nurse") -> Call:
    return Call(
        step=step, order=order, round=1, stage="speak", seat=seat, model="m", op=op,
        purpose="reason", segments=(),
    )  # fmt: skip


def an_opening() -> Opening:
    return Opening(
        run_id="r", question="Is it so?", options=("yes", "no"), seed=0,
        parties=(Party(seat="nurse", model="m"),),
        protocol=ProtocolRef(name="debate", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00+00:00",
    )  # fmt: skip


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def a_watch() -> tuple[Watch, Clock]:
    clock = Clock()
    return Watch(clock), clock


def test_a_stage_from_beginning_to_end() -> None:
    watch, clock = a_watch()
    watch.hear(events.Opened(an_opening(), "runs/r"))
    assert (watch.record, watch.current) == ("runs/r", None)
    assert watch.hear(events.StageStarted(3, "speak", 1, 4, "run")) is None
    stage = watch.current
    assert stage is not None
    assert stage.left(clock.now) is None
    for order in range(2):
        watch.hear(events.Asked(a_call(order), "run"))
        watch.hear(events.Text(a_call(order), "I ", "run"))
        watch.hear(events.Text(a_call(order), "think", "run"))
    assert [voice.text for voice in watch.voices.values()] == ["I think", "I think"]
    clock.now += 6
    watch.hear(events.Answered(a_call(0), Reply.to(a_call(0), "ok", text="I"), False, "run"))
    assert list(watch.voices) == ["c3.1"]
    assert stage.left(clock.now) == 18
    assert "about 18 s left" in stage_line(stage, clock.now).plain
    clock.now += 1
    assert watch.hear(events.StageStarted(4, "contest", 1, 0, "run")) is stage
    assert (watch.current, watch.voices) == (None, {})
    assert stage.seconds(clock.now + 50) == 7


def test_replies_from_the_record_are_counted_apart_and_set_no_pace() -> None:
    watch, clock = a_watch()
    watch.hear(events.StageStarted(3, "speak", 1, 4, "run"))
    for order in range(2):
        watch.hear(events.Answered(a_call(order), Reply.to(a_call(order), "ok"), True, "run"))
    clock.now += 10
    stage = watch.current
    assert stage is not None
    assert stage.left(clock.now) is None
    assert "2 on record" in stage_line(stage, clock.now).plain


def test_how_the_panel_stands_is_what_the_stage_recorded() -> None:
    watch, clock = a_watch()
    watch.hear(events.StageStarted(0, "stand", 0, 6, "run"))
    for order, (state, choice) in enumerate(
        [("valid", "yes"), ("valid", "yes"), ("unreadable", None)]
    ):
        watch.hear(
            events.Recorded(
                Stance(
                    step=0,
                    order=order,
                    seat=str(order),
                    round=0,
                    stage="stand",
                    options=("yes", "no"),
                    state=state,
                    choice=choice,
                    source="probabilities",
                ),
                "run",
            )
        )
    ended = watch.hear(events.StageStarted(1, "speak", 0, 1, "run"))
    assert ended is not None
    assert ended.stood() == "yes 2 · unreadable 1"
    assert stage_line(ended, clock.now).plain.endswith("s   yes 2 · unreadable 1")


def test_a_stage_line_stays_in_its_eighty_columns() -> None:
    watch, clock = a_watch()
    watch.hear(events.StageStarted(0, "stand", 0, 6, "run"))
    assert watch.current is not None
    for order, choice in enumerate(["a long option", "another long option", "yet another"]):
        watch.current.stances.append(
            Stance(
                step=0,
                order=order,
                seat=str(order),
                round=0,
                stage="stand",
                options=(choice, "x"),
                state="valid",
                choice=choice,
                source="stated",
            )
        )
    line = stage_line(watch.current, clock.now).plain
    assert len(line) == 80
    assert line.endswith("…")


def test_a_late_reply_of_another_step_is_not_counted() -> None:
    watch, _ = a_watch()
    watch.hear(events.StageStarted(3, "speak", 1, 4, "run"))
    watch.hear(events.Answered(a_call(0, step=2), Reply.to(a_call(0, step=2), "ok"), False, "run"))
    assert watch.current is not None
    assert watch.current.answered == 0


def test_loading_shows_how_far_only_where_the_pool_knows() -> None:
    watch, clock = a_watch()
    clock.now += 4.2
    assert loading_line(watch, clock.now).plain == "getting ready   4.2 s"
    watch.hear(events.Loading(Progress("loading smollm2")))
    assert loading_line(watch, clock.now).plain == "loading smollm2   4.2 s"
    watch.hear(events.Loading(Progress("loading \x1bsmollm2", 0.5)))
    assert loading_line(watch, clock.now).plain == f"loading ␛smollm2   {'█' * 8}{'░' * 8}   4.2 s"


def test_only_so_many_voices_and_never_a_control_code() -> None:
    voices = [Voice(a_call(n, seat=f"seat {n}"), f"\x1b[2J{n}") for n in range(_VOICES + 2)]
    lines = [line.plain for line in voice_lines(voices, 80)]
    assert len(lines) == _VOICES + 2
    assert lines[0] == "          seat 0          ␛[2J0"
    assert lines[-2:] == ["          and 2 more", "          (provisional until it is recorded)"]
    assert all("\x1b" not in line for line in lines)


def test_a_long_text_shows_its_end() -> None:
    (line, _) = voice_lines([Voice(a_call(0), "beginning " + "x " * 300 + "end")], 80)
    assert line.plain.endswith(" x x end")
    assert "beginning" not in line.plain
    assert len(line.plain) <= 80


def test_who_has_not_begun_to_speak_is_thinking() -> None:
    voices = [Voice(a_call(n, "choose", seat=seat)) for n, seat in enumerate(["a", "a", "b"])]
    assert [line.plain for line in voice_lines(voices, 80)] == ["          a · b: thinking"]
