"""Run pyright on a real install of folkmoot, and make sure that it looked at every file.

On an editable install a type checker follows no import hook: it would find nothing and report
success. Usage: python .ci/types.py SITE, where SITE is the folder of `pip install --target`.
"""

import json
import subprocess
import sys
from pathlib import Path

STRICT = ("records", "agents", "protocols")
"""The rooms whose types are a promise to users. Strict is impossible next to libraries whose own
types are partly unknown: LangGraph in `graphs`, torch in `pool`, typer in `folkmoot`."""

AT_LEAST = 40
"""Files of the package; fewer means that the install is not whole."""


def main(site: Path) -> int:
    """Check `site`/folkmoot; the exit code is 0 only if nothing is wrong and nothing was missed."""
    files = sorted((site / "folkmoot").rglob("*.py"))
    settings = {
        "include": ["folkmoot"],
        "strict": [f"folkmoot/{room}" for room in STRICT],
        "typeCheckingMode": "standard",
        "pythonVersion": "3.11",
    }
    (site / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = ["pyright", "--project", str(site), "--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        print(done.stdout, done.stderr, sep="\n")
        return 1
    for found in report["generalDiagnostics"]:
        place = Path(found["file"]).relative_to(site.resolve())
        line = found["range"]["start"]["line"] + 1
        print(f"{place}:{line}: {found['severity']}: {found['message']} ({found.get('rule', '-')})")
    summary = report["summary"]
    checked, errors = summary["filesAnalyzed"], summary["errorCount"] + summary["warningCount"]
    print(f"pyright: {checked} of {len(files)} files checked, {errors} faults")
    if checked != len(files) or checked < AT_LEAST:
        print(f"error: every file must be checked, and there must be at least {AT_LEAST}")
        return 1
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
