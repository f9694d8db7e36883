"""The base of everything that is written: frozen, closed, validated values."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: it cannot be changed, and a field that it does not declare is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    def plain(self) -> dict[str, object]:
        """The value as JSON objects. Absent things are absent: fields that are None are left out."""
        return self.model_dump(mode="json", exclude_none=True)
