"""How a run begins: the question, the panel as it was seated, the protocol and the versions."""

from typing import Any, Literal

from pydantic import Field

from folkmoot.records.base import Frozen
from folkmoot.records.calls import Sampling
from folkmoot.records.moments import Moment

JOURNAL_SCHEMA = "journal/1"
"""The version in which runs are written."""

LATER_SCHEMA = "journal/2"
"""The version of a journal to which something was added after the run: lines redacted, or migrated."""

READABLE = (JOURNAL_SCHEMA, LATER_SCHEMA)
"""The versions that this package reads, the oldest first."""

StanceSource = Literal["probabilities", "stated"]


class ModelRef(Frozen):
    """A model by name, and, where they are known, the digests that pin it."""

    name: str
    """As the panel named it."""
    source: str | None = None
    """What it resolved to: packaged, hub, folder, served or scripted."""
    revision: str | None = None
    weights_sha256: str | None = None
    adapter_sha256: str | None = None


class VocabularyRef(Frozen):
    """Which vocabulary a seat's values are named from, and what it calls them."""

    id: str
    version: str
    labels: dict[str, str]
    """Value → the label that prompts and reports show, of the values that the seat declares."""


class Party(Frozen):
    """One seat of the panel, with all that its prompt is made of."""

    seat: str
    model: str
    statement: str = ""
    """Its declared perspective."""
    values: dict[str, float] = Field(default_factory=dict)
    """Declared values and their weights, above 0 and at most 1."""
    vocabulary: VocabularyRef | None = None
    """What the values mean; None if none are declared or the panel has no vocabulary."""
    red_lines: tuple[str, ...] = ()
    contributor: str | None = None
    licence: str | None = None
    priorities: tuple[str, ...] | None = None
    """Task sets that its model was made for; None if none are declared."""
    stance: StanceSource = "probabilities"
    """How its stance on a choice question is read: from option probabilities, or as it states it."""
    sampling: Sampling = Sampling()


class Budget(Frozen):
    """Bounds on a run. A run whose worst case exceeds them is refused before any model is asked."""

    calls: int | None = None
    tokens: int | None = None
    """Prompt and completion tokens of all calls together."""


class ProtocolRef(Frozen):
    """Which protocol, with which parameters."""

    name: str
    version: str
    params: dict[str, Any] = Field(default_factory=dict)
    kind: str | None = None
    """`module:Class` of a protocol that is not of the library; None where it cannot be imported."""
    log: dict[str, Any] | None = None
    """How its conflicts are found, as far as that differs from the default; None where it does not."""
    graph_sha256: str
    """Digest of the unrolled steps: what may run, in which order."""


class Beside(Frozen):
    """The run beside which a seat on probation was asked, or from which a branch parts."""

    run_id: str
    head: str
    """The hash of the last line of its journal: it had ended by then."""


class Imported(Frozen):
    """Where a record comes from that is of no run of Folkmoot: a transcript of something else."""

    form: Literal["chat", "inspect"]
    """chat: a plain transcript, as JSON, JSON Lines or CSV. inspect: a log of Inspect."""
    source: str
    """The name of the file."""
    sha256: str
    """Of its bytes."""
    part: str | None = None
    """Which of the dialogues or samples in it; None where it holds one."""


class Opening(Frozen):
    """The first line of a journal: with the replies it determines everything else."""

    record: Literal["opening"] = "opening"
    journal_schema: Literal["journal/1"] = JOURNAL_SCHEMA
    run_id: str
    question: str
    options: tuple[str, ...] | None = None
    """The answers to choose from; None for an open question."""
    of_values: bool = False
    """Whether it is a question of values: no answer is made to win where seats differ, unless the
    decision rule says so itself."""
    seed: int
    parties: tuple[Party, ...]
    protocol: ProtocolRef
    models: tuple[ModelRef, ...] = ()
    engines: tuple[dict[str, Any], ...] = ()
    """Each engine's own description: kind, address without secrets, version, whether seeds hold."""
    budget: Budget | None = None
    replay: Literal["exact", "statistical", "none"] = "none"
    """What asking the same models again would give: the same text, the same in distribution, or
    nothing to compare with."""
    started: Moment
    versions: dict[str, str] = Field(default_factory=dict)
    shadow_of: Beside | None = None
    """Of the record of a seat on probation: the run in which it did not take part. None of a run."""
    imported: Imported | None = None
    """Of a record that was imported; None of a run."""
    branch_of: Beside | None = None
    """Of a branch: the run whose replies it shares up to where it parts from it. None of any other."""

    def party(self, seat: str) -> Party:
        """The party in a seat; KeyError if there is none."""
        for party in self.parties:
            if party.seat == seat:
                return party
        raise KeyError(seat)

    @property
    def labels(self) -> dict[str, str]:
        """Value → label, of all declared values whose vocabulary is known."""
        known = (party.vocabulary for party in self.parties if party.vocabulary is not None)
        return {name: label for each in known for name, label in each.labels.items()}

    @property
    def seats(self) -> tuple[str, ...]:
        """The names of the seats, in the panel's order."""
        return tuple(party.seat for party in self.parties)
