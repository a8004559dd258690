"""Memory that was freed, given back to the system, so that several workers fit into memory together.

glibc keeps what a library frees for later; after binning a table that is some fifty megabytes a window.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable


def trim_memory() -> None:
    """Return freed memory to the system where the C library can; elsewhere nothing happens."""
    _trim()(0)


@functools.cache
def _trim() -> Callable[[int], object]:
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # macOS has no malloc_trim
        return lambda _: None
    return trim
