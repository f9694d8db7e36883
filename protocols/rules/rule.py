"""A decision rule with its parameters: ballots in, a count out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, cast

from pydantic import Field, field_serializer, model_validator

from folkmoot.protocols.rules.book import RULES, Known, Reads
from folkmoot.protocols.rules.found import Count, Found, Occasion, exact, first_choices, first_of
from folkmoot.protocols.rules.guards import Ties, blocked, settled
from folkmoot.records import Ballot, InputError
from folkmoot.records.base import Frozen

Counting = Callable[[Sequence[Ballot], Sequence[str]], "str | Iterable[str] | Found | Count"]
"""A rule of one's own: of the valid ballots and the options, who wins. It returns an option, several
(a tie), none, or a whole `Found` or `Count`. It is pure."""

_TAKEN = ("acceptance", "judge")
"""Names under which decisions are on record that no rule of the book made."""

_OWN = ("threshold", "seat", "competences", "calibration", "views", "perspectives")
"""Parameters that only some rules take."""

_RANDOM = ("random-ballot", "maximal-lotteries")


class Rule(Frozen):
    """A decision rule by name, or a function of one's own, with what stands around the count."""

    name: str = "majority"
    quorum: float = Field(default=0.5, ge=0, le=1, allow_inf_nan=False)
    """Fewer ballots to count than this share of all ballots: a deadlock."""
    ties: Ties = "declare"
    status_quo: str | None = None
    """The option that stays where a tie leaves it in place."""
    least_margin: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Less of a lead than this, as the rule counts it, is no decision: the positions are set out."""
    forced: bool | None = None
    """Whether somebody is made to win where seats differ. If not, what the rule counts is on record,
    and an option wins only if all valid ballots put it first. None: not on a question of values."""
    veto: bool = False
    """Whether a seat may block options that cross its declared red lines."""
    refuters: int | None = Field(default=None, ge=1)
    """How many seats that refute an option put it out: an option stands unless so many do."""
    threshold: float | None = Field(default=None, gt=0, le=1, allow_inf_nan=False)
    """supermajority: the share of first choices that wins."""
    seat: str | None = None
    """dictator: whose choice it is."""
    competences: dict[str, float] | None = None
    """competence: seat → how often it is right, between 0 and 1."""
    calibration: dict[str, tuple[float, float]] | None = None
    """calibrated: seat → slope and offset of its confidence's log-odds, as fitted on held-out data."""
    views: int | None = Field(default=None, ge=1, le=5)
    """pav: how many views the answer has, two if not given."""
    perspectives: dict[str, str] | None = None
    """bridging, maximin, nash: seat → its perspective; as the panel declares them if not given."""
    function: Counting | None = None
    """A rule of one's own; `name` is then the function's."""

    @classmethod
    def of(cls, given: Any) -> "Rule":
        """A rule from its name, a mapping, a rule or a function of ballots and options.

        Raises:
            InputError: there is no such rule.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, dict):
            return cls.model_validate(given)
        if callable(given) and getattr(given, "__name__", "<lambda>") != "<lambda>":
            return cls(name=given.__name__, function=cast(Counting, given))
        if not isinstance(given, str) or given not in RULES:
            raise InputError(
                f"no decision rule is named {given!r}",
                f"there are: {', '.join(RULES)}; or give a named function of ballots and options",
            )
        return cls(name=given)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.function is not None:
            if self.name in RULES or self.name in _TAKEN:
                raise ValueError(f"a rule of your own needs another name than {self.name!r}")
        elif self.name not in RULES:
            raise ValueError(
                f"no decision rule is named {self.name!r}; there are: {', '.join(RULES)}"
            )
        takes = () if self.function else RULES[self.name].takes
        for field in _OWN:
            if getattr(self, field) is not None and field not in takes:
                raise ValueError(f"the rule {self.name!r} takes no {field}")
        for field in () if self.function else RULES[self.name].needs:
            if getattr(self, field) is None:
                raise ValueError(f"the rule {self.name!r} needs its {field}")
        if (self.ties == "status_quo") != (self.status_quo is not None):
            raise ValueError("ties='status_quo' and the option status_quo='…' go together")
        if self.veto and self.refuters is not None:
            raise ValueError(
                "veto and refuters do not go together: both say who puts an option out"
            )
        if any(not 0 < p < 1 for p in (self.competences or {}).values()):
            raise ValueError("a competence is above 0 and below 1")
        return self

    @field_serializer("function", when_used="json")
    def _named(self, function: Counting | None) -> str | None:
        return None if function is None else f"{function.__module__}:{function.__name__}"

    @property
    def named(self) -> tuple[str, ...]:
        """The seats that its parameters name."""
        each = (self.competences, self.calibration, self.perspectives)
        named = [seat for given in each for seat in given or ()]
        return tuple(dict.fromkeys([*([self.seat] if self.seat is not None else []), *named]))

    @property
    def reads(self) -> Reads:
        """The part of a ballot that it reads; a function may read any."""
        return "choice" if self.function else RULES[self.name].reads

    @property
    def strikes(self) -> bool:
        """Whether options can be struck out before the count: by a veto, or by refuters."""
        return self.veto or self.refuters is not None

    @property
    def figures(self) -> str:
        """What its tally counts, in words."""
        return "first choices" if self.function else RULES[self.name].figures

    @property
    def random(self) -> bool:
        """Whether its winner is drawn."""
        return self.name in _RANDOM

    def params(self, occasion: Occasion) -> dict[str, Any]:
        """All that a recount needs besides the ballots, as JSON values: what is not by default."""
        params = self.model_dump(mode="json", exclude_defaults=True, exclude={"name", "quorum"})
        params = {"quorum": self.quorum, **params}
        if not self._forces(occasion):
            params["forced"] = False
        takes = () if self.function else RULES[self.name].takes
        if "turn" in takes:
            params["turn"] = occasion.turn
        if "perspectives" in takes:
            params.setdefault("perspectives", dict(occasion.perspectives))
        if self.random or self.ties == "lot":
            params["draw"] = occasion.draw
        return params

    def _forces(self, occasion: Occasion) -> bool:
        return not occasion.of_values if self.forced is None else self.forced

    def reads_of(self, ballot: Ballot) -> bool:
        """Whether a ballot is valid and carries what the rule reads."""
        if ballot.state != "valid" or not ballot.ranking:
            return False
        fitted = self.competences if self.competences is not None else self.calibration
        if fitted is not None and ballot.seat not in fitted:
            return False
        return self.reads in ("choice", "ranking") or getattr(ballot, self.reads) is not None

    def count(
        self,
        ballots: Sequence[Ballot],
        options: Sequence[str],
        occasion: Occasion = Occasion(),  # noqa: B008 — frozen
    ) -> Count:
        """Decide among the options; ballots that are not valid count for nothing but the quorum."""
        bar = 1 if self.veto else self.refuters
        stopped = None if bar is None else blocked(ballots, options, bar)
        open_to = [option for option in options if option not in (stopped or {})]
        counted = [b for b in ballots if self.reads_of(b) and (not stopped or first_of(b, open_to))]
        count = self._count(counted, open_to, occasion)
        if counted and len(counted) < self.quorum * len(ballots):
            count = Count("deadlock", None, (), count.tally, None, why="too few ballots to count")
        return count._replace(blocked=stopped, counted=len(counted))

    def pivotal(
        self, ballots: Sequence[Ballot], options: Sequence[str], occasion: Occasion
    ) -> tuple[str, ...] | None:
        """Seats without whose ballots the outcome would be another; None where it is drawn."""
        if self.random:
            return None
        came = self.count(ballots, options, occasion)
        found: list[str] = []
        for seat in dict.fromkeys(b.seat for b in ballots if b.state == "valid"):
            rest = self.count([b for b in ballots if b.seat != seat], options, occasion)
            if (rest.status, rest.winner, rest.views) != (came.status, came.winner, came.views):
                found.append(seat)
        return tuple(found)

    def _count(
        self,
        counted: Sequence[Ballot],
        open_to: Sequence[str],
        occasion: Occasion,
    ) -> Count:
        none = dict.fromkeys(open_to, 0.0)
        if not counted or not open_to:
            out = "blocked" if self.refuters is None else "refuted"
            why = "no ballot to count" if open_to else f"every option is {out}"
            return Count("deadlock", None, (), none, None, why=why)
        found = self.find(counted, open_to, occasion)
        if isinstance(found, Count):
            return found
        return settled(
            found,
            open_to,
            ties=self.ties,
            status_quo=self.status_quo,
            least_margin=self.least_margin,
            forced=self._forces(occasion),
            agreed=len({first_of(ballot, open_to) for ballot in counted}) == 1,
            draw=occasion.draw,
        )

    def find(
        self,
        ballots: Sequence[Ballot],
        options: Sequence[str],
        occasion: Occasion = Occasion(),  # noqa: B008
    ) -> Found | Count:
        """Who leads in ballots that can all be counted, before any tie is broken."""
        if self.function is not None:
            return _own(self.function(ballots, options), ballots, options)
        known: Known = RULES[self.name]
        given: dict[str, Any] = {}
        for name in known.takes:
            value = getattr(self, name, None)
            given[name] = (
                getattr(occasion, name) if value is None and name in occasion._fields else value
            )
        if given.get("threshold") is not None:
            given["threshold"] = exact(given["threshold"])
        return known.find(ballots, options, **given)


def _own(
    given: "str | Iterable[str] | Found | Count | None",
    ballots: Sequence[Ballot],
    options: Sequence[str],
) -> Found | Count:
    """What a function returned, as a finding; beside winners alone stand the first choices.

    Raises:
        ValueError: it names something that is no option, or is a mapping.
    """
    if isinstance(given, Found | Count):
        return given
    if isinstance(given, Mapping):
        raise ValueError(
            "the rule returned a mapping: return a winner, several, None, a Found or a Count"
        )
    named = (given,) if isinstance(given, str) else tuple(given or ())
    if strange := [each for each in named if each not in options]:
        raise ValueError(f"the rule names {strange[0]!r}, which is none of the options")
    winners = tuple(option for option in options if option in named)
    return Found(winners, first_choices(ballots, options))
