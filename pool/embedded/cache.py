"""Keys and values of a batch of rows in one buffer with room to grow, as transformers may use it.

transformers' own growing cache copies everything for every token; this one writes in place.
Shapes: the buffer is [layers, 2, rows, heads, columns, width], index 1 of size 2 being keys, values.
"""

from collections.abc import Sequence
from typing import Any

from folkmoot.pool.models.torch_import import import_transformers


class Rows:
    """A batch of rows, right-aligned in `used` columns of a buffer of more.

    Attributes:
        used: columns written so far.
        valid: [rows, columns], true where a column holds a token of the row.
    """

    def __init__(self, like: Any, rows: int, columns: int) -> None:
        """An empty batch; `like` is any tensor [layers, 2, heads, n, width] of the model's."""
        layers, two, heads, _, width = like.shape
        self.used = 0
        # Zeros: a masked column weighs nothing, but nothing times a stray NaN would still be NaN.
        self.data = like.new_zeros((layers, two, rows, heads, columns, width))
        self.valid = like.new_zeros((rows, columns)).bool()

    @property
    def count(self) -> int:
        """Rows in the batch."""
        return self.data.shape[2]

    @property
    def room(self) -> int:
        """Columns still free."""
        return self.data.shape[4] - self.used

    def set(self, row: int, parts: Sequence[Any], until: int) -> None:
        """Write tensors [layers, 2, heads, n, width], one after another, to end at column `until`."""
        at = until - sum(part.shape[3] for part in parts)
        self.valid[row, at:until] = True
        for part in parts:
            self.data[:, :, row, :, at : at + part.shape[3]] = part
            at += part.shape[3]

    def row(self, row: int) -> Any:
        """The tokens of one row without gaps, [layers, 2, heads, n, width]; a copy."""
        columns = self.valid[row, : self.used].nonzero()[:, 0]
        return self.data[:, :, row].index_select(3, columns)

    def drop(self, row: int) -> None:
        """Remove a row: the last one takes its place."""
        last = self.count - 1
        if row != last:
            self.data[:, :, row, :, : self.used] = self.data[:, :, last, :, : self.used]
            self.valid[row] = self.valid[last]
        self.data, self.valid = self.data[:, :, :last], self.valid[:last]


def as_cache(rows: Rows) -> Any:
    """The batch as transformers' `Cache`. Whoever runs the model moves `rows.used` on afterwards."""
    caching: Any = import_transformers().cache_utils

    class Layer(caching.CacheLayerMixin):
        """One layer's part of the buffer."""

        is_sliding = False

        def __init__(self, index: int) -> None:
            self.index = index
            self.keys = self.values = None  # nobody but `update` reads them
            self.is_initialized = True

        def lazy_initialization(self, key_states: Any, value_states: Any) -> None:
            pass  # the buffer is there already

        def update(
            self, key_states: Any, value_states: Any, *args: Any, **kwargs: Any
        ) -> tuple[Any, Any]:
            begin, end = rows.used, rows.used + key_states.shape[2]
            keys, values = rows.data[self.index]
            keys[:, :, begin:end] = key_states
            values[:, :, begin:end] = value_states
            return keys[:, :, :end], values[:, :, :end]

        def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
            return rows.used + query_length, 0

        def get_seq_length(self) -> int:
            return rows.used

        def get_max_length(self) -> int:
            return rows.data.shape[4]

    return caching.Cache(layers=[Layer(index) for index in range(rows.data.shape[0])])
