"""Put the lessons of all contributions into one file, which the two monoliths learn from.

    python examples/studies/participation/make_lessons_of_all.py

Each line is a line of a contribution's lessons as it is. Members are told apart by nothing: one model has to learn
them all. The four that weigh morals differently contradict each other; nothing is done about that.
"""

from pathlib import Path

HERE = Path(__file__).parent
MEMBERS = HERE.parents[1] / "contributions"


def main() -> None:
    """Write the file."""
    files = sorted(MEMBERS.glob("*/lessons.jsonl"))
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    for name in ("monolith", "larger"):
        (HERE / "controls" / name / "lessons.jsonl").write_text(text, encoding="utf-8")
    print(f"{len(text.splitlines())} lessons of {len(files)} contributions")


if __name__ == "__main__":
    main()
