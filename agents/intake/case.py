"""One contribution under examination: its folder listed once, its headers read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from folkmoot.agents.contribution_file import Offered
from folkmoot.agents.intake import plain_json
from folkmoot.agents.intake.faults import Unreadable
from folkmoot.agents.intake.headers import Header, Tensor, read_header
from folkmoot.agents.intake.limits import Limits, Seated
from folkmoot.agents.intake.tree import Entry, Tree, inside, read, scan, within

ADAPTER, ADAPTER_CONFIG = "adapter_model.safetensors", "adapter_config.json"


@dataclass(frozen=True)
class Case:
    """What every check is given."""

    offered: Offered
    limits: Limits
    tree: Tree
    seated: tuple[Seated, ...] = ()

    @property
    def small(self) -> bool:
        """Whether the folder is within its limits, so that files may be read to their ends."""
        return self.tree.whole and self.tree.size <= self.limits.bytes

    @property
    def adapter_folder(self) -> str | None:
        """Where the adapter should be; None if none is declared, or it leads out of the folder."""
        declared = self.offered.file.adapter
        return None if declared is None else inside(declared)

    @property
    def base_folder(self) -> str | None:
        """The folder of the base, where the contribution brings it."""
        path = inside(self.offered.file.base)
        return path if path is not None and self.tree.folder(path) else None

    @property
    def adapter(self) -> Entry | None:
        """The adapter's weights; None where there is no such regular file."""
        return None if self.adapter_folder is None else self.beside_adapter(ADAPTER)

    def beside_adapter(self, name: str) -> Entry | None:
        """A file of the adapter's folder."""
        at = self.adapter_folder
        return None if at is None else self.tree.file(within(at, name))

    @cached_property
    def weights(self) -> tuple[Entry, ...]:
        """All safetensors files."""
        return tuple(entry for entry in self.tree.files if entry.path.endswith(".safetensors"))

    @cached_property
    def headers(self) -> Mapping[str, Header | Unreadable]:
        """Path of a safetensors file → its header, or why it has none."""
        return {entry.path: self._header(entry) for entry in self.weights}

    def tensors(self, entry: Entry) -> Mapping[str, Tensor]:
        """The tensors of a safetensors file by name; none where its header is no good."""
        header = self.headers.get(entry.path)
        return {each.name: each for each in header.tensors} if isinstance(header, Header) else {}

    def adapter_config(self) -> dict[str, Any]:
        """The adapter's own account of itself.

        Raises:
            Unreadable: it has none that can be read.
        """
        entry = self.beside_adapter(ADAPTER_CONFIG)
        if entry is None:
            raise Unreadable("is no file")
        return plain_json.parse_object(read(self.tree, entry, plain_json.MOST_BYTES))

    def _header(self, entry: Entry) -> Header | Unreadable:
        try:
            return read_header(self.tree, entry)
        except Unreadable as fault:
            return fault


def open_case(offered: Offered, limits: Limits, seated: tuple[Seated, ...] = ()) -> Case:
    """List a contribution's folder; nothing else in it is opened yet."""
    return Case(offered, limits, scan(offered.folder, limits.files), seated)
