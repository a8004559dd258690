"""LightGBM without the libraries that only its wrappers need, in our own worker processes.

`import lightgbm` loads scikit-learn, pandas and pyarrow where they are installed. A worker passes arrays only: without
them it starts in 0.46 instead of 1.27 s of processor time and with 73 instead of 202 MB (lightgbm 4.7.0). What is
left out stays out for the whole process, so that `lightgbm.LGBMRegressor` fails there. Therefore only the entry of a
worker process asks for it, and a program that loads one of our models keeps the whole library.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_UNUSED: Final = ("sklearn", "pandas", "pyarrow", "dask", "matplotlib", "graphviz")
_own_process = False


def claim_process() -> None:
    """Declare that this process is one of our workers, before it imports a model."""
    global _own_process
    _own_process = True


def import_lightgbm() -> Any:
    """Return the module `lightgbm`; in a worker a light and silent one."""
    if not _own_process:
        return importlib.import_module("lightgbm")
    with _hidden(_UNUSED):
        lightgbm = importlib.import_module("lightgbm")
    lightgbm.register_logger(logging.getLogger("lightgbm"))  # else it prints
    return lightgbm


@contextmanager
def _hidden(modules: tuple[str, ...]) -> Iterator[None]:
    """Make imports of these modules fail as if they were not installed; those loaded already stay."""
    absent = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None means "not there" to an import
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)
