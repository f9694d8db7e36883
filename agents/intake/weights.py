"""`safetensors`: every safetensors file is one, to its last byte."""

from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.faults import Fault, Unreadable, finding, many, not_asked, plain, shown
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.plain_json import MOST_BYTES


def check_safetensors(case: Case) -> Finding:
    """Headers are valid, and tensors fill their file without gaps, overlaps or a rest."""
    if not case.weights:
        return not_asked("safetensors", "there is no safetensors file in it")
    faults = [
        Fault(
            f"{shown(path)} {header}",
            "save it again as safetensors (save_pretrained), and copy it whole",
            plain(path),
        )
        for path, header in case.headers.items()
        if isinstance(header, Unreadable)
    ]
    tensors = {entry.path: len(case.tensors(entry)) for entry in case.weights}
    return finding(
        "safetensors",
        faults,
        f"{many(len(case.weights), 'file')} with {many(sum(tensors.values()), 'tensor')}, whole and without gaps",
        {"tensors": tensors},
        f"a header of at most {MOST_BYTES:,} bytes",
    )
