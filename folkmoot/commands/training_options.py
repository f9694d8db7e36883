"""Options that all commands that train an adapter share."""

from typing import Annotated

import typer

Seconds = Annotated[
    float | None,
    typer.Option(
        help="End after so many seconds, the rate fully lowered.", min=1, metavar="SECONDS"
    ),
]
Rank = Annotated[int, typer.Option(help="Of the adapter's matrices.", min=1, metavar="N")]
First = Annotated[int, typer.Option(help="Layers below it stay as they are.", min=0, metavar="N")]
Rate = Annotated[float, typer.Option(help="Learning rate.", min=0, metavar="RATE")]
Half = Annotated[
    bool, typer.Option("--bf16", help="Compute in bfloat16: faster where the processor has it.")
]
Cores = Annotated[
    int,
    typer.Option(
        help="Parts that a step is computed in side by side, a processor core each.",
        min=1,
        metavar="N",
    ),
]
Tokens = Annotated[
    int, typer.Option(help="Tokens of a step: fewer make more steps.", min=1, metavar="N")
]
