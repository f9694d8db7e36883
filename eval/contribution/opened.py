"""How a question begins that is asked of a contribution outside any run."""

from collections.abc import Sequence

from folkmoot.records import Opening, Party, ProtocolRef


def opened(
    name: str, question: str, options: Sequence[str] | None, parties: Sequence[Party]
) -> Opening:
    """An opening for the stages of a deliberation, of which no run and no record comes.

    Args:
        name: what it is asked for, such as `lesson`.
        question: as it is asked.
        options: the answers to choose from; None for an open question.
        parties: who sits there; every stance is read from option probabilities.
    """
    return Opening(
        run_id=name,
        question=question,
        options=None if options is None else tuple(options),
        seed=0,
        parties=tuple(each.model_copy(update={"stance": "probabilities"}) for each in parties),
        protocol=ProtocolRef(name=name, version="1", graph_sha256="0" * 64),
        started="2000-01-01T00:00:00.000+00:00",
    )
