"""Which words of a text are of its matter: all but those that texts of any matter are made of."""

import re
from collections.abc import Collection
from typing import Final

from folkmoot.protocols.words import WORD

_ENDING: Final = re.compile(r"(?<=\w{3})(?:ness|ing|e[drs]|ly|e|s)$")
_STEM: Final = 5
"""Letters by which words are the same, without their endings: `quiet` and `quieter`."""

_SHORTEST: Final = 3

_OF_SENTENCES: Final = """
about above after again against all also although always and another any anybody anyone anything
are around because been before being below between both but can cannot could did does doing don
done down during each eight either else enough even ever every everybody everyone everything few
five for four from had has have having her here hers him his how however into isn its itself just
least less let like may maybe might mine more most much must myself neither never nine nobody none
nor not nothing now off once one only onto other others our ours out over own per perhaps quite
rather really same seven shall she should since six some somebody someone something still such ten
than that the their theirs them then there therefore these they thing things this those though
three through thus too two under until upon very was wasn were what whatever when where whether
which while who whole whom whose why will with without would yet you your yours
"""
"""What sentences are built of."""
_OF_DOING: Final = """
ask came come comes get gets give given gives going gone got hold holds keep keeps know knows left
look looks made make makes mean means need needs put said say says see seems seen show shows take
takes tell think thinks told took want wants way went work works
"""
"""What people do in any sentence."""
_OF_TALK: Final = """
accept admit agree agreed agrees answer answers argue argued argues argument arguments case choice
choose chose concede consensus convinced decide decided decision disagree fair fine follow good
grant group idea issue join majority matter message mind minority moderator move moved obey okay
opinion option order panel persuaded point points position question reason reasons right round
seat seats side sides stance stand statement support sure true unanimous user view views vote
voted votes wrong yea yeah yes
"""
"""What is said of a talk, whatever it is about: answers, sides, how many, who leads."""
_OF_ANY_MATTER: Final = frozenset(f"{_OF_SENTENCES} {_OF_DOING} {_OF_TALK}".split())
"""A word that is here by mistake costs a reason that goes unseen; one that is missing shows one that
is not there."""


def matter(text: str, but: Collection[str] = ()) -> frozenset[str]:
    """The stems of a text's words that are of its matter: no figures, no words of any matter.

    Words are told apart by spaces and marks, and those of any matter are known in English alone: where
    a language writes no spaces, hardly two texts share one.

    Args:
        text: what is said.
        but: stems that show nothing, such as those of the question.
    """
    words = (word for word in WORD.findall(text.casefold()) if word not in _OF_ANY_MATTER)
    found = {_ENDING.sub("", word)[:_STEM] for word in words if not word.isdecimal()}
    return frozenset(stem for stem in found if len(stem) >= _SHORTEST).difference(but)
