"""Parts out of a protocol file or a record: the other way round of `folkmoot.protocols.written`.

Nothing is executed but the import of a module that is named, as `module:name`.
"""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn, cast, get_origin

from pydantic import ValidationError

from folkmoot.graphs import kinds
from folkmoot.graphs.own import imported, stands_for
from folkmoot.protocols import FanIn, Gate, Group, Parallel, Part, Repeat
from folkmoot.protocols.condition import as_condition
from folkmoot.protocols.description import description
from folkmoot.protocols.stage import as_stage
from folkmoot.protocols.written import choices, declared, inside
from folkmoot.records import GraphError, InputError
from folkmoot.records.base import Frozen
from folkmoot.records.located_yaml import Located, Where

Path = tuple[str | int, ...]

STRUCTURE = ("repeat", "gate", "parallel", "group", "fan-in")
"""Words for parts that are made of parts."""


class PartsFile:
    """Reads parts from plain data whose faults name file, line and field."""

    def __init__(self, file: Located) -> None:
        self._file = file

    def parts(self, data: Any, where: Path) -> tuple[Part, ...]:
        """A list of parts.

        Raises:
            InputError: of the file's class: something in it is not usable.
        """
        if not isinstance(data, list):
            self._refuse(where, "expected a list of parts")
        given = cast(list[Any], data)
        return tuple(self._part(each, (*where, at)) for at, each in enumerate(given))

    def _part(self, data: Any, where: Path) -> Part:
        word, given, at = self._one(data, where)
        match word:
            case "repeat":
                said = self.fields(given, at, ("at_most", "until", "parts"), ("at_most", "parts"))
                until = said.get("until")
                return Repeat(
                    self.parts(said["parts"], (*at, "parts")),
                    self._whole(said["at_most"], (*at, "at_most")),
                    None if until is None else self._condition(until, (*at, "until")),
                )
            case "gate":
                said = self.fields(given, at, ("when", "then", "otherwise"), ("when", "then"))
                return Gate(
                    self._condition(said["when"], (*at, "when")),
                    self.parts(said["then"], (*at, "then")),
                    self.parts(said.get("otherwise", []), (*at, "otherwise")),
                )
            case "parallel":
                if not isinstance(given, list):
                    self._refuse(at, "expected a list of groups")
                groups = enumerate(cast(list[Any], given))
                return Parallel(tuple(self._group(each, (*at, n)) for n, each in groups))
            case "group":
                return self._group(given, at)
            case "fan-in":
                said = self.fields(given, at, ("stage", "need"), ("stage", "need"))
                stage = self._stage(said["stage"], (*at, "stage"))
                need = said["need"]
                if need in ("any", "all"):
                    return FanIn(stage, need)
                return FanIn(stage, self._whole(need, (*at, "need"), " or any or all"))
            case _:
                return self._stage(data, where)

    def _group(self, data: Any, where: Path) -> Group:
        said = self.fields(data, where, ("seats", "parts"), ("seats", "parts"))
        seats = said["seats"]
        if not isinstance(seats, list) or not all(
            isinstance(each, str) for each in cast(list[Any], seats)
        ):
            self._refuse((*where, "seats"), "expected a list of seats")
        return Group(tuple(cast(list[str], seats)), self.parts(said["parts"], (*where, "parts")))

    def _stage(self, data: Any, where: Path) -> Any:
        return self._usable(self._named("stage", data, where), as_stage, where)

    def _condition(self, data: Any, where: Path) -> Any:
        return self._usable(self._named("condition", data, where), as_condition, where)

    def _usable(self, thing: Any, required: Any, where: Path) -> Any:
        try:
            required(thing)
        except TypeError as fault:
            self._refuse(where, str(fault))
        return thing

    def _named(self, sort: kinds.Sort, data: Any, where: Path) -> Any:
        """What says its own kind: `kind`, `{kind: fields}`, `module:name`, a function of a record."""
        word, given, at = self._one(data, where)
        if word == "function":
            return self._pinned(given, at)
        if ":" in word:
            return self._made(self._imported(word, at), given, at)
        try:
            thing = kinds.kind(sort, word)
        except KeyError:
            what = "stage or other part" if sort == "stage" else sort
            every = (*kinds.known(sort), *(STRUCTURE if sort == "stage" else ()))
            self._refuse(at, f"no {what} is named {word!r}", close(word, every))
        except GraphError as fault:
            self._refuse(at, fault.message, fault.hint)
        return self._made(thing, given, at)

    def _made(self, thing: Any, given: Any, where: Path) -> Any:
        if isinstance(thing, type) and issubclass(thing, Frozen):
            return self._build(thing, {} if given is None else given, where)
        if given:
            self._refuse(where, "takes no fields: it is no class of frozen values")
        return cast(Any, thing)

    def _build(self, cls: type[Frozen], data: Any, where: Path) -> Frozen:
        needed = [name for name, info in cls.model_fields.items() if info.is_required()]
        said = self.fields(data, where, cls.model_fields, needed)
        values = {
            name: self._value(each, cls.model_fields[name].annotation, (*where, name))
            for name, each in said.items()
        }
        try:
            return cls(**values)
        except ValidationError as error:
            self._refuse((*where, *error.errors()[0]["loc"]), _reason(error))
        except InputError as error:
            self._refuse(where, error.message, error.hint)

    def _value(self, data: Any, annotation: Any, where: Path) -> Any:
        cls = declared(annotation)
        if cls is not None and isinstance(data, dict | str):
            return self._of_class(cls, cast(Any, data), where)
        if isinstance(data, list):
            inner = inside(annotation, tuple, 0)
            given = enumerate(cast(list[Any], data))
            return tuple(self._value(each, inner, (*where, at)) for at, each in given)
        if isinstance(data, dict | str) and _says_its_kind(annotation):
            return self._named("value", data, where)
        if _takes_functions(annotation) and _names_a_function(data, annotation):
            return self._named("value", data, where)
        if isinstance(data, dict):
            inner = inside(annotation, dict, 1)
            pairs = cast(dict[str, Any], data).items()
            return {key: self._value(each, inner, (*where, key)) for key, each in pairs}
        return data

    def _of_class(self, cls: type[Frozen], data: Any, where: Path) -> Any:
        """A value of a class that the field declares: by its fields, its name, or a plugin's name."""
        beside = kinds.beside(data) if isinstance(data, str) else False
        if isinstance(data, dict):
            (first, *others) = cast(dict[str, Any], data) or {"": None}
            if others or first in cls.model_fields or not first:
                return self._build(cls, data, where)
            return self._named("value", data, where)
        if beside or ":" in data:
            data = self._found(cls, data, where)
        make = getattr(cls, "of", None)
        if make is None or isinstance(data, cls):
            return data
        try:
            return make(data)
        except ValidationError as error:
            self._refuse(where, _reason(error))
        except InputError as error:
            self._refuse(where, error.message, error.hint)

    def _found(self, cls: type[Frozen], name: str, where: Path) -> Any:
        """What a name of a plugin or of a module stands for; the library's own name stays."""
        try:
            found = stands_for(cls, name)
        except GraphError as fault:
            self._refuse(where, fault.message, fault.hint)
        return self._named("value", name, where) if found is None else found

    def _pinned(self, given: Any, where: Path) -> Any:
        """A function; one of a record must be what it was."""
        said = self.fields(given, where, ("name", "sha256"), ("name",))
        function = self._imported(str(said["name"]), where)
        now: dict[str, Any] = description(function) if callable(function) else {}
        if "sha256" in said and now.get("sha256") != said["sha256"]:
            self._refuse(
                where,
                f"the source of {said['name']} is not what it was when this was written",
                "bring back the version of it that the run was begun with",
            )
        return function

    def _imported(self, name: str, where: Path) -> Any:
        try:
            return imported(name)
        except InputError as fault:
            self._refuse(where, fault.message, fault.hint)

    def _one(self, data: Any, where: Path) -> tuple[str, Any, Path]:
        """A word, or a word and what it is given."""
        if isinstance(data, str):
            return data, None, where
        if not isinstance(data, dict) or len(cast(dict[str, Any], data)) != 1:
            self._refuse(where, "expected a name, or one name and its fields, such as `rank: {…}`")
        ((word, given),) = cast(dict[str, Any], data).items()
        return word, given, (*where, word)

    def fields(
        self, data: Any, where: Path, known: Collection[str], needed: Collection[str] = ()
    ) -> Mapping[str, Any]:
        """A mapping with these keys.

        Raises:
            InputError: of the file's class: a key is unknown or missing.
        """
        if not isinstance(data, dict):
            self._refuse(where, f"expected fields and their values: {', '.join(known)}")
        said = cast(dict[str, Any], data)
        for key in said:
            if key not in known:
                self._refuse((*where, key), "is no field here", close(key, known))
        for key in needed:
            if key not in said:
                self._refuse((*where, key), "is missing")
        return said

    def _whole(self, data: Any, where: Path, other: str = "") -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self._refuse(where, f"expected a whole number{other}, not {data!r}")
        return data

    def _refuse(self, where: Where, reason: str, hint: str = "") -> NoReturn:
        raise self._file.fault(where, reason, hint)


def close(word: str, known: Collection[str]) -> str:
    """What was meant, perhaps; else what there is."""
    near = get_close_matches(word, known, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"there are: {', '.join(known)}" if known else "it has no fields"


def _reason(error: ValidationError) -> str:
    return error.errors()[0]["msg"].removeprefix("Value error, ")


def _says_its_kind(annotation: Any) -> bool:
    """Whether a field takes values of several kinds, so that each says its own."""
    members = choices(annotation)
    if str in members:
        return False
    frozen = [each for each in members if isinstance(each, type) and issubclass(each, Frozen)]
    return len(frozen) > 1 or any(getattr(each, "_is_protocol", False) for each in members)


def _takes_functions(annotation: Any) -> bool:
    return any(get_origin(each) is Callable for each in choices(annotation))


def _names_a_function(data: Any, annotation: Any) -> bool:
    """Where a text may stand as well, a function has to say that it is one."""
    if isinstance(data, str):
        return ":" in data and str not in choices(annotation)
    return isinstance(data, dict) and "function" in data
