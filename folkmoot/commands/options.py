"""Options that several commands share, and those of `ask`: each one's help stands here once."""

from pathlib import Path
from typing import Annotated

import typer

Record = Annotated[Path, typer.Argument(help="The folder of a run.", metavar="RECORD")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print the report alone.")]
Gate = Annotated[
    bool,
    typer.Option(
        "--gate",
        help="Exit code 3 where the answer is silent on an open serious conflict, or misstates it.",
    ),
]
PoolFile = Annotated[
    Path | None,
    typer.Option(help="The pool file: what answers. Without it, this process.", metavar="FILE"),
]
RecordDir = Annotated[Path, typer.Option(help="Where the folder of a run is made.", metavar="DIR")]

Question = Annotated[str, typer.Argument(help="In quotation marks.", metavar="QUESTION")]
PanelFile = Annotated[
    Path | None, typer.Option(help="The panel file: who deliberates. Needed.", metavar="FILE")
]
Protocol = Annotated[
    str, typer.Option(help="The protocol; `folkmoot protocols` lists them.", metavar="NAME")
]
Options = Annotated[
    list[str] | None,
    typer.Option(
        help="An answer to choose from; once for each. Without it the question is open.",
        metavar="TEXT",
    ),
]
OfValues = Annotated[
    bool,
    typer.Option(
        "--of-values", help="A question of values: no answer is made to win where seats differ."
    ),
]
Rounds = Annotated[int | None, typer.Option(help="Rounds of exchange.", min=0, metavar="N")]
Params = Annotated[
    list[str] | None, typer.Option(help="A parameter of the protocol.", metavar="KEY=VALUE")
]
LogParams = Annotated[
    list[str] | None,
    typer.Option(
        "--log", help="How conflicts are found, such as clerk=smollm2-clerk.", metavar="KEY=VALUE"
    ),
]
Seed = Annotated[int, typer.Option(help="Every draw of the run follows from it.", metavar="N")]
MaxTokens = Annotated[
    int | None,
    typer.Option(help="Tokens of one reply at most, for every seat.", min=1, metavar="N"),
]
TokenBudget = Annotated[
    int | None,
    typer.Option(help="Tokens of the whole run at most, prompts included.", min=1, metavar="N"),
]
