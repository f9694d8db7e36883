"""Which server runs where: from models with their sizes and machines to servers with their shares.

Every server has room for its weights, its adapters and one whole window in its cache before anyone
gets more; what is left of a GPU is then shared so that a token of each model finds the same room.
Where servers do not fit beside each other they take turns, save those with copies. The largest is
placed first, copies of a server after everything else. Pure, and the same for the same arguments.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil, floor

from folkmoot.pool.placement.needs import GPU_WIDTH, Wanted
from folkmoot.pool.placement.packing import Device, Ground, Load, LoadOn
from folkmoot.pool.placement.shares import GRAIN, tell
from folkmoot.pool.placement.shortage import Short, finding, shortest
from folkmoot.pool.placement.values import Finding, Machine, Placement

USABLE = 0.9
"""Of a machine's memory, and of each GPU's: the rest is for what nobody counts."""


_ADVISED = 4
"""Engines for which advice is tried out; of many more the first must be mended first."""

_Known = dict[tuple[str, int, bool, int, int], Sequence[Load]]
"""The ways in which servers could run, once they were worked out: advice is tried out many times."""


def place(
    wanted: Iterable[Wanted],
    machines: Sequence[Machine],
    taken: Collection[str] = (),
    ports: Collection[int] = (),
) -> Placement:
    """Give every server its place, or say what is missing for it.

    Args:
        wanted: what is to run; names differ.
        machines: where; their names differ.
        taken: names of other engines.
        ports: of other engines.

    Raises:
        PoolError: a machine has no port left.
    """
    several = tuple(wanted)
    known: _Known = {}
    ground, missing = _packed(several, machines, known)
    findings = _findings(several, machines, missing, known)
    servers = tell(several, machines, ground, taken, ports)
    return Placement(
        placed=tuple(placed for placed, _ in servers),
        figures={placed.name: figures for placed, figures in servers},
        findings=findings,
    )


def _packed(
    several: Sequence[Wanted], machines: Sequence[Machine], known: _Known
) -> tuple[Ground, dict[str, tuple[Wanted, Short]]]:
    """Who stands where, and by its name what found no room."""
    ground = Ground(_devices(machines))
    missing: dict[str, tuple[Wanted, Short]] = {}
    for each in sorted(several, key=_first):
        ways = _ways(each, machines, known)
        if ground.put(ways, each.spreads()) is None:
            missing[each.name] = each, shortest(each, ground, ways)
    return ground, missing


def _findings(
    several: Sequence[Wanted],
    machines: Sequence[Machine],
    missing: Mapping[str, tuple[Wanted, Short]],
    known: _Known,
) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    advised: set[str] = set()
    for name, (wanted, short) in missing.items():

        def fits(then: Sequence[Wanted], there: Sequence[Machine], name: str = name) -> bool:
            return _packed(then, there, known)[1].keys() <= missing.keys() - {name}

        told = wanted.engine in advised or len(advised) == _ADVISED
        advised.add(wanted.engine)
        findings.append(finding(wanted, short, several, machines, None if told else fits))
    return tuple(findings)


def _first(wanted: Wanted) -> tuple[int, int, str]:
    return (wanted.copy, -wanted.size.weights(GPU_WIDTH), wanted.name)


def _devices(machines: Sequence[Machine]) -> list[Device]:
    devices: list[Device] = []
    for at, machine in enumerate(machines):
        room = list(enumerate(machine.gpus)) if machine.gpus else [(None, machine.memory)]
        devices += [
            Device(at, gpu, total, floor(total * USABLE), machine.turns) for gpu, total in room
        ]
    return devices


def _ways(wanted: Wanted, machines: Sequence[Machine], known: _Known) -> LoadOn:
    width = max((machine.cpu_width for machine in machines if not machine.gpus), default=4)
    largest = max((gpu for machine in machines for gpu in machine.gpus), default=0)

    def ways(gpu: bool, over: int) -> Sequence[Load]:
        what = (wanted.name, wanted.window, gpu, over, GPU_WIDTH if gpu else width)
        loads = known.get(what)
        if loads is None:
            loads = known[what] = wanted.loads(*what[2:])
        grain = ceil(largest / GRAIN) if gpu else 0  # its share is rounded down
        return [load._replace(bytes=load.bytes + grain) for load in loads]

    return ways
