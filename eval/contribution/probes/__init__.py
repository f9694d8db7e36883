"""What must be asked of a contribution before it is seated: hidden questions that change with a secret.

`probe` asks and gives one finding for each of `PROBES`. `identities` and `capped` count seats that answer too alike as
one.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.eval.contribution.probes, not its folder")

from folkmoot.eval.contribution.probes.case import Size
from folkmoot.eval.contribution.probes.identities import capped, identities, likeness
from folkmoot.eval.contribution.probes.probing import PROBES, probe, probe_sync

__all__ = ["PROBES", "Size", "capped", "identities", "likeness", "probe", "probe_sync"]
