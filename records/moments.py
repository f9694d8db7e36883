"""When something happened: the form in which a record holds a time."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator


def _utc(text: str) -> str:
    try:
        offset = datetime.fromisoformat(text).utcoffset()
    except ValueError:
        offset = None
    if offset != timedelta(0):
        raise ValueError(f"{text!r} is no time in ISO 8601, UTC")
    return text


Moment = Annotated[str, AfterValidator(_utc)]
"""A time as text: ISO 8601, UTC, such as `2026-01-01T00:00:00.000+00:00`."""
