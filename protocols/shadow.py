"""Shadow: what a seat on probation is asked beside a run: where it stands, and why.

It is asked blind, by the very prompts of a first round, and nothing is decided: there is no ballot that
anybody could count.
"""

from typing import Final

from folkmoot.protocols.composed import Composed
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand

SHADOW: Final = Composed(
    name="shadow", version="1", parts=(Stand(), Speak()), open_parts=(Speak(),)
)
"""A stance on the options and its reason; on an open question an answer. Composed: its record names its
parts, so that it is taken up again from them."""
