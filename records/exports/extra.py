"""Packages that only an export needs: imported when first used, with one clear error where missing."""

import importlib
from typing import Any

from folkmoot.records.errors import InputError


class Extra:
    """A module of an optional package, by its name; its attributes import it.

    Args:
        module: its full name, such as `inspect_ai.log`.
        extra: the extra of folkmoot that brings it.
    """

    def __init__(self, module: str, extra: str) -> None:
        self._module = module
        self._extra = extra

    def __getattr__(self, name: str) -> Any:
        try:
            found = importlib.import_module(self._module)
        except ImportError as error:
            package = self._module.partition(".")[0]
            raise InputError(
                f"this needs the package {package}, which is not usable here: {error}",
                f"pip install 'folkmoot[{self._extra}]'",
            ) from error
        return getattr(found, name)
