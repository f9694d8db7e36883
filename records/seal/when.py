"""When something is done to a record: as somebody gives it, or now."""

from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from folkmoot.records.errors import InputError
from folkmoot.records.moments import Moment

_ADAPTER: TypeAdapter[str] = TypeAdapter(Moment)


def when(given: str | None) -> str:
    """A time as a record holds it: the one given, or now.

    Raises:
        InputError: it is no time in ISO 8601, UTC.
    """
    if given is None:
        return datetime.now(UTC).isoformat(timespec="milliseconds")
    try:
        return _ADAPTER.validate_python(given)
    except ValidationError as error:
        raise InputError(
            f"{given!r} is no time in ISO 8601, UTC", "such as 2026-01-01T00:00:00+00:00"
        ) from error
