"""Draws that nobody foretells who does not know the steward's secret."""

import hmac
import random
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from folkmoot.records import InputError
from folkmoot.records.canonical import canonical, digest

Thing = TypeVar("Thing")

SHORTEST = 12
"""Characters of a secret: what is drawn is public but for it, and a short one could be tried out."""

_SLOT = re.compile(r"\{([^{}]*)\}")


class Draw(NamedTuple):
    """A place at which things are drawn, fixed by a secret and the names of the place.

    HMAC-SHA256 (RFC 2104) of the place under the secret seeds the draw: the steward draws the same
    again, and nobody else learns anything from other places.
    """

    secret: str
    where: tuple[str, ...] = ()

    @classmethod
    def by(cls, secret: str) -> "Draw":
        """All draws of a secret.

        Raises:
            InputError: it is too short.
        """
        if len(secret) < SHORTEST:
            raise InputError(
                f"the secret has {len(secret)} characters, at least {SHORTEST} are needed",
                "a long one that contributors do not know; without one it is drawn at random",
            )
        return cls(secret)

    def at(self, *names: str) -> "Draw":
        """A place below this one."""
        return Draw(self.secret, (*self.where, *names))

    def lots(self) -> random.Random:
        """The draws of this place, from the first."""
        place = "\x1f".join(self.where).encode()
        return random.Random(hmac.digest(self.secret.encode(), place, "sha256"))


def filled(template: str, lots: random.Random) -> str:
    """A text of a template: of each `{one|two}` one is drawn."""
    return _SLOT.sub(lambda slot: lots.choice(slot[1].split("|")), template)


def dealt(things: Sequence[Thing], count: int, lots: random.Random) -> list[Thing]:
    """So many things in a drawn order, each as often as any other, give or take one."""
    found: list[Thing] = []
    while len(found) < count:
        found += lots.sample(list(things), len(things))
    return found[:count]


def drawn_digest(items: object) -> str:
    """The SHA-256 of what was drawn, given as JSON values: it says that two draws are one, and no more."""
    return digest(canonical(items))
