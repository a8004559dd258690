"""run-spec: a declarative runner for forecasting experiments.

    import runner

    outcome = runner.run(Path("specs/walmart.yaml"))     # run, resume, or recognise that it is finished
    lines, plan = runner.preview(Path("specs/walmart.yaml"))
    document = runner.parse(Path("specs/walmart.yaml"))   # raises SpecError with every problem at once
    problems = runner.check(Path("specs/walmart.yaml"))   # the same problems and the linter's advice, as values

Nothing heavy is imported before one of them is called.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Final

__version__: Final = "0.1.0"
__all__ = ["RunSpecError", "SpecError", "check", "parse", "preview", "run"]

_PUBLIC: Final[Mapping[str, str]] = {
    "run": "runner.run.launch:launch",
    "preview": "runner.run.prepare:preview",
    "parse": "runner.language.parse:parse",
    "check": "runner.lint:lint",
    "RunSpecError": "runner.errors:RunSpecError",
    "SpecError": "runner.errors:SpecError",
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'runner' has no attribute {name!r}")
    module, _, attribute = _PUBLIC[name].partition(":")
    return getattr(importlib.import_module(module), attribute)
