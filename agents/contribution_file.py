"""A contribution as it is offered: a folder with `contribution.yaml` and, beside it, what it names."""

from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, field_validator

from folkmoot.agents.agent import Contribution, SeatName
from folkmoot.agents.perspective import Perspective
from folkmoot.records import ContributionError, located_yaml
from folkmoot.records.base import Frozen

FILE = "contribution.yaml"


class Learned(Frozen):
    """A collection that a contribution learned from."""

    name: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    """An SPDX identifier."""
    source: str | None = None
    """Where it is from."""


class Digests(Frozen):
    """SHA-256 (hex) of what a contribution is made of, pinned so that nothing is swapped."""

    adapter: str | None = None
    """Of `adapter_model.safetensors`."""
    adapter_config: str | None = None
    weights: str | None = None
    """Of the model's safetensors, where the contribution brings a whole model."""
    tokenizer: str | None = None
    """Of `tokenizer.json`, where it brings one."""
    chat_template: str | None = None
    """Of the chat template's text, where it brings one."""

    @field_validator("*")
    @classmethod
    def _hex(cls, digest: str | None) -> str | None:
        if digest is not None and (len(digest) != 64 or set(digest) - set("0123456789abcdef")):
            raise ValueError("a SHA-256 has 64 hexadecimal digits, in lower case")
        return digest


class ContributionFile(Frozen):
    """The fields of `contribution.yaml`."""

    format: Literal["contribution/1"]
    name: SeatName
    """What rosters, panels and reports call it."""
    contributor: str = Field(min_length=1)
    """Who brings it."""
    contact: str | None = None
    licence: str = Field(min_length=1)
    """Of the weights: an SPDX identifier."""
    base: str = Field(min_length=1)
    """The model: a packaged name, a hub id, or a folder inside the contribution."""
    adapter: str | None = None
    """A folder inside the contribution with a LoRA adapter on the base; None: the base as it is."""
    digests: Digests = Digests()
    perspective: Perspective
    """What it speaks for."""
    priorities: tuple[str, ...] = ()
    """Task sets that it was made for."""
    data: tuple[Learned, ...] = ()
    """What it learned from."""

    def contribution(self) -> Contribution:
        """What a seat is made of. The pool knows the model by the contribution's name."""
        return Contribution(
            model=self.name,
            licence=self.licence,
            contributor=self.contributor,
            perspective=self.perspective,
            priorities=self.priorities,
        )


class Offered(NamedTuple):
    """A contribution's folder, read."""

    folder: Path
    file: ContributionFile
    located: located_yaml.Located
    """Says at which line a field stands."""


def read_contribution(folder: str | Path) -> Offered:
    """Read the `contribution.yaml` of a folder. Nothing else in it is opened.

    Raises:
        ContributionError: there is none, or a field is missing, unknown or wrong; one line per fault.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        raise ContributionError(
            f"no {FILE} in {str(folder)!r}", "folkmoot contribution init writes one to fill in"
        )
    located = located_yaml.load(path, ContributionError)
    return Offered(Path(folder), located.check(ContributionFile), located)
