"""A small study on disk: two tasks, three members, the plain base beside them."""

import json

TASKS = {
    "sums": [("2 + 3", ("5", "6", "9")), ("4 + 4", ("8", "7", "3")), ("1 + 6", ("7", "2", "5"))],
    "colours": [
        ("the sky", ("blue", "green")),
        ("grass", ("green", "red")),
        ("snow", ("white", "black")),
    ],
}


def write_items(folder, times=3):
    folder.mkdir(parents=True)
    for task, every in TASKS.items():
        rows = [
            {
                "id": f"{n}-{again}",
                "task": task,
                "question": f"Which of these is {asked}, asked for the {again}th time?",
                "options": options[::-1] if n % 2 else options,
                "answer": options[0],
                "source": "passed over",
            }
            for again in range(times)
            for n, (asked, options) in enumerate(every)
        ]
        (folder / f"{task}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def write_contribution(folder, priorities=(), base="smollm2"):
    folder.mkdir(parents=True)
    (folder / "contribution.yaml").write_text(
        f"format: contribution/1\nname: {folder.name}\ncontributor: someone\nlicence: MIT\n"
        f"base: {base}\nperspective: {{statement: I am {folder.name}.}}\n"
        f"priorities: [{', '.join(priorities)}]\n"
    )


def write_plan(folder, times=3, base="smollm2"):
    """The plan of the study, with all that it names."""
    write_items(folder / "items", times)
    write_contribution(folder / "members" / "adder", ["sums"], base)
    write_contribution(folder / "members" / "painter", ["colours"], base)
    write_contribution(folder / "members" / "fool", (), base)
    write_contribution(folder / "plain", (), base)
    path = folder / "plan.yaml"
    path.write_text(
        "format: participation/1\nitems: [items]\nmembers: [members/*]\n"
        "controls: [{folder: plain, role: base}]\nsizes: [2, 3]\nmalicious: [1]\n"
    )
    return path
