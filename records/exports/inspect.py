"""Records as an Inspect log: what `inspect view`, Inspect Scout and everything built on them can read.

A record becomes a sample; a folder of records becomes one log, in which the same question asked again is
a further epoch. Written for inspect_ai 0.3.285, log format 2.
"""

import shutil
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from folkmoot.records.canonical import text_digest
from folkmoot.records.errors import InputError, RecordError
from folkmoot.records.exports.extra import Extra
from folkmoot.records.exports.form import cannot_write
from folkmoot.records.exports.inspect_sample import COUNTED, sample
from folkmoot.records.exports.source import Clock, Source, read_source
from folkmoot.records.files import replace
from folkmoot.records.found import Fault, find_records

if TYPE_CHECKING:
    from inspect_ai import log as inspect_log
    from inspect_ai import model as inspect_model
    from inspect_ai import viewer as inspect_viewer
    from inspect_ai.log import EvalLog, EvalSample
    from inspect_ai.model import ModelUsage
else:
    inspect_log = Extra("inspect_ai.log", "inspect")
    inspect_model = Extra("inspect_ai.model", "inspect")
    inspect_viewer = Extra("inspect_ai.viewer", "inspect")

SUFFIXES = (".eval", ".json")


def eval_log(sources: Sequence[Source], *, trust: bool = False) -> "EvalLog":
    """Some records as one Inspect `EvalLog`.

    Args:
        sources: the records, as `source.read_source` reads them. Their order does not matter.
        trust: let the viewer render what models wrote as Markdown, with links; without it all is shown as
            plain text, and what hides in it is made visible.

    Raises:
        InputError: there are none, or inspect_ai is not installed.
    """
    if not sources:
        raise InputError("no records to export", "name a record, or a folder that holds some")
    sources = sorted(sources, key=lambda each: (each.opening.seed, each.opening.run_id))
    samples = _samples(sources)
    first, last = _span(sources)
    named = text_digest("/".join(sorted(each.view.head for each in sources)))
    protocols = list(dict.fromkeys(each.opening.protocol.name for each in sources))
    return inspect_log.EvalLog(
        status="success" if all(each.view.close for each in sources) else "started",
        eval=inspect_log.EvalSpec(
            created=first,
            task="folkmoot/" + "+".join(protocols),
            task_id=named[:22],
            run_id=named[22:44],
            eval_id=named[42:64],
            task_args=_args(sources),
            task_args_passed=_args(sources),
            solver_args_passed={},
            dataset=inspect_log.EvalDataset(
                name="records",
                samples=len(dict.fromkeys(each.id for each in samples)),
                sample_ids=[*dict.fromkeys(str(each.id) for each in samples)],
            ),
            model="none/none",
            model_roles=_roles(sources),
            config=inspect_log.EvalConfig(epochs=max(each.epoch for each in samples)),
            packages=_versions(sources),
            tags=["folkmoot"],
            metadata={"heads": {each.opening.run_id: each.view.head for each in sources}},
            viewer=_viewer(trust),
        ),
        plan=inspect_log.EvalPlan(name=protocols[0], steps=_steps(sources[0])),
        results=_results(samples),
        stats=inspect_log.EvalStats(
            started_at=first,
            completed_at=last,
            model_usage=_together([each.model_usage for each in samples]),
            role_usage=_together([each.role_usage for each in samples]),
        ),
        samples=samples,
    )


def export(folder: Path, to: Path, *, trust: bool = False) -> Sequence[Fault]:
    """Write a record, or all records of a folder, as one Inspect log; the same records give the same bytes.

    Args:
        folder: the record, or the folder of many.
        to: ending in .eval or .json. `inspect view` lists a .json only where its name begins with a time,
            such as `2026-01-31T12-00-00_debate.json`.
        trust: see `eval_log`.

    Returns:
        The records that cannot be read, which are left out.

    Raises:
        InputError: the file ends otherwise, or as for `eval_log`.
        RecordError: the file cannot be written.
    """
    if to.suffix not in SUFFIXES:
        raise InputError(
            f"an Inspect log ends in .eval or .json, and {to.name!r} does not", "--to NAME.eval"
        )
    sources: list[Source] = []
    faults: list[Fault] = []
    for each in find_records(folder):
        try:
            sources.append(read_source(each.folder))
        except RecordError as error:
            faults.append(Fault(each.name, error.message, getattr(error, "line", None)))
    made = eval_log(sources, trust=trust)
    passing = Path(tempfile.mkdtemp(prefix="folkmoot-inspect-"))
    try:
        written = passing / f"log{to.suffix}"
        inspect_log.write_eval_log(made, str(written))
        data = written.read_bytes()
        replace(to, timeless(data) if to.suffix == ".eval" else data)
    except OSError as error:
        raise cannot_write(to, error) from error
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    return faults


def timeless(data: bytes) -> bytes:
    """A zip file whose members all are of 1 January 1980: else the same log has other bytes each second.

    The times are overwritten in place, in each member's own header and in the directory at the end
    (APPNOTE.TXT 6.3.10, 4.3.7 and 4.3.12); the compressed bytes stay as they are.
    """
    found = bytearray(data)
    end = found.rfind(b"PK\x05\x06")
    count, _, at = struct.unpack_from("<HII", found, end + 10)
    for _ in range(count):
        if bytes(found[at : at + 4]) != b"PK\x01\x02":
            raise ValueError("the directory of the zip file is not where its end says")
        struct.pack_into("<HH", found, at + 12, 0, 0x21)
        lengths = struct.unpack_from("<HHH", found, at + 28)
        (header,) = struct.unpack_from("<I", found, at + 42)
        struct.pack_into("<HH", found, header + 10, 0, 0x21)
        at += 46 + sum(lengths)
    return bytes(found)


def _samples(sources: Sequence[Source]) -> "list[EvalSample]":
    """A sample for each record; the repeats of a question are numbered from 1."""
    found: list[EvalSample] = []
    repeats: dict[str, int] = {}
    for source in sources:
        question = source.opening.question
        name = f"{_slug(question)}-{text_digest(question)[:8]}"
        repeats[name] = repeats.get(name, 0) + 1
        found.append(sample(source, name, repeats[name]))
    # In the order in which Inspect reads them back.
    return sorted(found, key=lambda each: (each.epoch, str(each.id)))


def _slug(question: str) -> str:
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in question.lower()).split()
    return "-".join(words[:6])[:48] or "question"


def _span(sources: Sequence[Source]) -> tuple[str, str]:
    clocks = [Clock(each.view) for each in sources]
    first, last = min(each.began for each in clocks), max(each.ended for each in clocks)
    return first.isoformat(), last.isoformat()


def _roles(sources: Sequence[Source]) -> Any:
    """Seat → its model. Where records seat different models under one name, the first one's."""
    found: dict[str, Any] = {}
    for party in (party for source in sources for party in source.opening.parties):
        args: dict[str, Any] = {
            "statement": party.statement,
            "values": party.values,
            "contributor": party.contributor,
            "licence": party.licence,
        }
        known = {name: value for name, value in args.items() if value}
        found.setdefault(party.seat, inspect_model.ModelConfig(model=party.model, args=known))
    return found


def _args(sources: Sequence[Source]) -> dict[str, Any]:
    """The parameters of each protocol, once."""
    found: dict[str, Any] = {}
    for source in sources:
        protocol = source.opening.protocol
        found.setdefault(f"{protocol.name} {protocol.version}", dict(protocol.params))
    return found


def _steps(source: Source) -> Any:
    stages = dict.fromkeys((call.step, call.stage) for call in source.view.calls)
    return [
        inspect_log.EvalPlanStep(solver=stage, params={"step": step}, params_passed={"step": step})
        for step, stage in sorted(stages)
    ]


def _versions(sources: Sequence[Source]) -> dict[str, str]:
    return {name: each for s in reversed(sources) for name, each in s.opening.versions.items()}


def _viewer(trust: bool) -> Any:
    """Worst conflicts first; and text of models is never rendered as anything but text."""
    column, order = inspect_viewer.TaskSamplesColumn, inspect_viewer.TaskSamplesSort
    built_in = ("sampleStatus", "sampleId", "epoch", "input", "answer")
    return inspect_viewer.ViewerConfig(
        trust_content=None if trust else False,
        task_samples_view=inspect_viewer.TaskSamplesView(
            name="Worst conflicts first",
            columns=[
                *(column(id=each) for each in built_in),
                *(column.score("conflicts", each) for each in COUNTED),
                column.score("decision"),
                column(id="tokens"),
                column(id="duration"),
            ],
            sort=[order.score("conflicts", each, dir="desc") for each in COUNTED[:3]],
            score_color_scales={
                "worst": inspect_viewer.ScoreColorScale(palette="good-low", min=0, max=3),
                "flagged": "good-low",
                "dissents": "neutral",
            },
        ),
    )


def _results(samples: "Sequence[EvalSample]") -> Any:
    """The mean of every figure of the conflicts, and the share of runs that came to a decision."""
    scores = [each.scores or {} for each in samples]
    conflicts = [each["conflicts"].as_dict() for each in scores]
    status = [each["decision"].as_str() for each in scores if "decision" in each]
    made = [
        inspect_log.EvalScore(
            name=name,
            scorer="conflicts",
            scored_samples=len(conflicts),
            metrics={
                "mean": inspect_log.EvalMetric(
                    name="mean", value=_mean([float(each[name] or 0) for each in conflicts])
                )
            },
        )
        for name in COUNTED
    ]
    if status:
        share = _mean([float(each == "decided") for each in status])
        metrics = {"decided": inspect_log.EvalMetric(name="decided", value=share)}
        made.append(
            inspect_log.EvalScore(
                name="decision", scorer="decision", scored_samples=len(status), metrics=metrics
            )
        )
    done = sum(each.completed_at is not None for each in samples)
    return inspect_log.EvalResults(total_samples=len(samples), completed_samples=done, scores=made)


def _mean(figures: Sequence[float]) -> float:
    return round(sum(figures) / len(figures), 6)


def _together(each: "Sequence[dict[str, ModelUsage]]") -> "dict[str, ModelUsage]":
    found: dict[str, ModelUsage] = {}
    for name, used in ((name, used) for one in each for name, used in one.items()):
        found[name] = found[name] + used if name in found else used
    return found
