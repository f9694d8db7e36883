"""Protocol files: a protocol as YAML, which gives the same graph, and the same digest, back.

Two forms. A protocol by its name, with its parameters:

    protocol: debate
    with: {rounds: 2, topology: ring}

and one put together of parts, for a choice question and, where they differ, for an open one:

    name: two-rounds
    version: "1"
    parts:
      - stand
      - speak
      - repeat: {at_most: 2, until: settled, parts: [stand, account, speak]}
      - contest
      - decide: {rule: plurality}
      - conclude

Either may say how conflicts are found: `log: {clerk: smollm2-clerk, ratify: true}` (`protocols.log`).

Reading executes nothing but the import of modules that the file names, as `module:function`, and of
the plugins that it names.
"""

import io
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic import ValidationError
from ruamel.yaml import YAML

from folkmoot.graphs import plugins
from folkmoot.graphs.own import imported, resolved
from folkmoot.graphs.parts_file import PartsFile, close
from folkmoot.protocols import Deliberation, Log, Logged, Setting, catalogue, named, with_log
from folkmoot.protocols.compose import kind_of
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.written import settings, written
from folkmoot.records import GraphError, InputError, ProtocolRef
from folkmoot.records.base import Frozen
from folkmoot.records.located_yaml import Located
from folkmoot.records.located_yaml import load as load_yaml

_SUFFIXES = (".yaml", ".yml")

_FIELDS = ("protocol", "with", "name", "version", "parts", "open_parts", "log")


class Given(NamedTuple):
    """A protocol, and the file that it was read from."""

    protocol: Deliberation
    file: Located | None = None


def protocol_of(given: str, params: Mapping[str, Any] | None = None) -> Given:
    """The protocol of a name or of a file: a file's name ends in .yaml or .yml.

    Args:
        params: parameters; they go before those of the file.

    Raises:
        InputError: there is no such protocol or file, or it is not usable.
    """
    if not given.endswith(_SUFFIXES):
        return Given(protocol_named(given, params or {}))
    file = load_yaml(given, InputError)
    return Given(_read(file, params or {}), file)


def read_protocol(path: str | Path) -> Deliberation:
    """The protocol of a file.

    Raises:
        InputError: it cannot be used; the message says file, line and field.
    """
    return _read(load_yaml(path, InputError), {})


def write_protocol(
    protocol: Deliberation, path: str | Path, setting: Setting | None = None
) -> None:
    """Write a protocol to a file.

    A protocol that has a name in the library, or as a plugin, is written by its name, one of a class
    of your own that can be imported as `module:Class`, one that was composed by its parts.

    Args:
        setting: write the parts that it has for this panel, whatever it is. Parts for an open
            question are written beside them if the setting has options.

    Raises:
        InputError: a part is no frozen value and no function that can be imported, or a protocol
            that is neither named nor composed is given without a setting.
        OSError: the file cannot be written.
    """
    text, said = io.StringIO(), _said(protocol, setting)
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None if len(said) > 1 else False  # no braces around the whole
    yaml.sort_base_mapping_type_on_output = False
    yaml.width = 10**9  # a text that is folded may lose characters
    yaml.allow_unicode = json.dumps(said, ensure_ascii=False).isprintable()
    yaml.representer.ignore_aliases = _never_an_alias
    yaml.dump(said, text)
    try:
        Path(path).write_text(text.getvalue(), encoding="utf-8")
    except UnicodeEncodeError as fault:
        raise InputError("it holds half a character (a lone surrogate)") from fault


def _never_an_alias(value: object) -> bool:
    """Whatever stands twice is written twice."""
    return True


def rebuilt(reference: ProtocolRef) -> Deliberation:
    """The protocol of a record: by its name, or, if it was composed, from its parts; under its log.

    Raises:
        InputError: there is none of that name, or a function in it is not what it was.
    """
    inner = _without_log(reference)
    return inner if reference.log is None else with_log(inner, Log.model_validate(reference.log))


def _without_log(reference: ProtocolRef) -> Deliberation:
    if reference.kind is not None:
        return protocol_named(reference.kind, reference.params)
    if "parts" not in reference.params:
        return protocol_named(reference.name, reference.params)
    data = {"name": reference.name, "version": reference.version, **reference.params}
    return _composed(Located("the record's protocol", data, None, InputError))


def protocol_named(name: str, params: Mapping[str, Any]) -> Deliberation:
    """A protocol of the library, or a plugin, by its name; or one of a user's own, `module:name`: a
    class, a function that returns a protocol, or a protocol.

    Raises:
        InputError: there is none, it is broken, or a parameter is wrong.
    """
    if ":" in name:
        return _built(name, imported(name), resolved(name, params))
    own = [entry.name for entry in catalogue()]
    if name in own:
        return named(name, **resolved(name, params))
    try:
        found = plugins.load("folkmoot.protocols", name)
    except KeyError:
        every = (*own, *plugins.names("folkmoot.protocols"))
        raise InputError(
            f"no protocol is named {name!r}",
            f"{close(name, every)}".replace("there are", "there are, beside files (.yaml)"),
        ) from None
    return _from_plugin(name, found, params)


def _built(name: str, found: Any, params: Mapping[str, Any]) -> Deliberation:
    """A protocol of somebody's own, from what stands under its name."""
    try:
        built = found(**params) if callable(found) else found
    except (ValidationError, TypeError, InputError) as fault:
        said = fault.errors()[0]["msg"] if isinstance(fault, ValidationError) else str(fault)
        raise InputError(f"protocol {name!r}: {said}") from fault
    if not isinstance(built, Deliberation):
        raise InputError(f"{name!r} is no protocol, but {built!r}")
    if params and not callable(found):
        raise InputError(f"protocol {name!r} has no parameters")
    return built


def _from_plugin(name: str, found: Any, params: Mapping[str, Any]) -> Deliberation:
    built = _built(name, found, params)
    if built.name != name and not isinstance(built, Composed):
        raise InputError(
            f"the plugin {name!r} builds a protocol named {built.name!r}",
            "the names must be one, or no run of it can be taken up from its record",
        )
    return built


def _read(file: Located, params: Mapping[str, Any]) -> Deliberation:
    inner = _read_inner(file, params)
    given: Any = file.data.get("log")
    if given is None:
        return inner
    try:
        return with_log(inner, Log.model_validate(given))
    except ValidationError as error:
        first = error.errors()[0]
        where = ("log", *(each for each in first["loc"] if isinstance(each, str)))
        raise file.fault(where, first["msg"].removeprefix("Value error, ")) from error


def _read_inner(file: Located, params: Mapping[str, Any]) -> Deliberation:
    said = PartsFile(file).fields(file.data, (), _FIELDS)
    if "protocol" not in said:
        if params:
            raise file.fault((), f"has no parameter {min(params)!r}: it is put together of parts")
        return _composed(file)
    for key in said:
        if key not in ("protocol", "with", "log"):
            raise file.fault((key,), "does not go with `protocol`, which names a whole protocol")
    name: Any = said["protocol"]
    given: Any = said.get("with") or {}
    if not isinstance(name, str):
        raise file.fault(("protocol",), f"expected a name, not {name!r}")
    if not isinstance(given, dict):
        raise file.fault(("with",), "expected parameters and their values")
    try:
        return protocol_named(name, {**cast(dict[str, Any], given), **params})
    except InputError as fault:
        at = next(
            (("with", key) for key in cast(dict[str, Any], given) if f": {key}" in str(fault)),
            ("protocol",),
        )
        raise file.fault(at, fault.message, fault.hint) from fault


def _composed(file: Located) -> Composed:
    reading = PartsFile(file)
    known = ("name", "version", "parts", "open_parts", "log")
    found = reading.fields(file.data, (), known, ("name", "parts"))
    said = {key: value for key, value in found.items() if key != "log"}
    read = {
        key: reading.parts(said[key], (key,)) for key in ("parts", "open_parts") if said.get(key)
    }
    try:
        return Composed.model_validate({**said, **read})
    except ValidationError as error:
        first = error.errors()[0]
        raise file.fault(first["loc"], first["msg"].removeprefix("Value error, ")) from error


def _said(protocol: Deliberation, setting: Setting | None) -> dict[str, Any]:
    if isinstance(protocol, Logged):
        return {**_said(protocol.inner, setting), "log": protocol.log.params()}
    name = _name(protocol) if setting is None else None
    if name is not None:
        params = _shortest(name, protocol)
        return {"protocol": name, **({"with": params} if params else {})}
    head = {"name": protocol.name, "version": protocol.version}
    try:
        if isinstance(protocol, Composed):
            opened = protocol.for_open
            said = {**head, "parts": written(protocol.for_choice)}
            return said if opened is None else {**said, "open_parts": written(opened)}
        if setting is None:
            raise InputError(
                f"the parts of {protocol.name!r} may depend on the panel",
                "give the setting (seats and options) to write them for",
            )
        parts = written(protocol.parts(setting))
        if setting.open_question:
            return {**head, "parts": parts}
        opened = written(protocol.parts(setting._replace(options=None)))
    except TypeError as fault:
        raise InputError(f"protocol {protocol.name!r}: {fault}") from fault
    return {**head, "parts": parts, **({"open_parts": opened} if opened != parts else {})}


def _shortest(name: str, protocol: Deliberation) -> dict[str, Any]:
    """The parameters that are not at their default, in short, where these give it back."""
    if isinstance(protocol, Frozen):
        short = settings(protocol)
        with suppress(InputError):
            if protocol_named(name, short) == protocol:
                return short
    return protocol.params()


def _name(protocol: Deliberation) -> str | None:
    """A name that gives it back with its parameters: the library's, a plugin's, or `module:Class`."""
    for name in (protocol.name, kind_of(protocol)):
        with suppress(InputError, GraphError, TypeError):
            if name is not None and protocol_named(name, protocol.params()) == protocol:
                return name
    return None
