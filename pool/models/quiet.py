"""Keeping a library's own progress bars off the terminal: whoever watches hears it from the engine."""

from collections.abc import Generator
from contextlib import contextmanager

from folkmoot.pool.models.torch_import import import_transformers


@contextmanager
def quiet() -> Generator[None]:
    """No progress bars of transformers while this is open; afterwards as before."""
    logging = import_transformers().utils.logging
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
