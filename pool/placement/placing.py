"""Which server runs where: from models with their sizes and machines to servers with their shares.

Every server has room for its weights, its adapters and one whole window in its cache before anyone
gets more; what is left of a GPU is then shared so that a token of each model finds the same room.
Where servers do not fit beside each other they take turns, save those with copies. The largest is
placed first, copies of a server after everything else. Pure, and the same for the same arguments.
"""

from collections.abc import Collection, Iterable, Sequence
from math import ceil, floor

from folkmoot.pool.placement.needs import GPU_WIDTH, Wanted
from folkmoot.pool.placement.packing import Device, Ground, Load, LoadOn
from folkmoot.pool.placement.shares import GRAIN, tell
from folkmoot.pool.placement.shortage import finding
from folkmoot.pool.placement.values import Finding, Machine, Placement

USABLE = 0.9
"""Of a machine's memory, and of each GPU's: the rest is for what nobody counts."""


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
    """
    several = tuple(wanted)
    ground = Ground(_devices(machines))
    findings: list[Finding] = []
    for each in sorted(several, key=_first):
        ways = _ways(each, machines)
        if ground.put(ways, each.spreads()) is None:
            findings.append(finding(each, ground, ways))
    servers = tell(several, machines, ground, taken, ports)
    return Placement(
        placed=tuple(placed for placed, _ in servers),
        figures={placed.name: figures for placed, figures in servers},
        findings=tuple(findings),
    )


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


def _ways(wanted: Wanted, machines: Sequence[Machine]) -> LoadOn:
    width = max((machine.cpu_width for machine in machines if not machine.gpus), default=4)
    largest = max((gpu for machine in machines for gpu in machine.gpus), default=0)

    def ways(gpu: bool, over: int) -> Sequence[Load]:
        loads = wanted.loads(gpu, over, GPU_WIDTH if gpu else width)
        grain = ceil(largest / GRAIN) if gpu else 0  # its share is rounded down
        return [load._replace(bytes=load.bytes + grain) for load in loads]

    return ways
