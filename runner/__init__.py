"""run-spec: a declarative runner for forecasting experiments.

    import runner

    run = runner.run("specs/walmart.yaml")     # run, resume, or recognize that it is finished
    run.scoreboard                             # pandas data frames
    run.forecast()                             # beyond the data
    runner.load("walmart_sales_forecasting")   # a finished run
    runner.plan("specs/walmart.yaml")          # what a run would do
    runner.lint("specs/walmart.yaml")          # every problem of a spec

Nothing heavy is imported before one of them is called.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from inspect import Signature, signature
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from runner.api import lint, load, plan, run
    from runner.api.recorded_run import Run
    from runner.errors import RunSpecError, SpecError
    from runner.language.sections.experiment import Experiment

__version__: Final = "0.1.0"
__all__ = ["Experiment", "Run", "RunSpecError", "SpecError", "lint", "load", "plan", "run"]

_PUBLIC: Final[Mapping[str, str]] = {
    "run": "runner.api:run",
    "load": "runner.api:load",
    "plan": "runner.api:plan",
    "lint": "runner.api:lint",
    "Run": "runner.api.recorded_run:Run",
    "Experiment": "runner.language.sections.experiment:Experiment",
    "RunSpecError": "runner.errors:RunSpecError",
    "SpecError": "runner.errors:SpecError",
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'runner' has no attribute {name!r}")
    module, _, attribute = _PUBLIC[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return [*globals(), *__all__]


class _CallablePackage(ModuleType):
    """A package that is called as the public function of its name: `runner.run` and `runner.lint` are both."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return __getattr__(self.__name__.rpartition(".")[2])(*arguments, **named)

    @property
    def __signature__(self) -> Signature:
        return signature(__getattr__(self.__name__.rpartition(".")[2]))


class _Root(ModuleType):
    """This package; on the import of a subpackage Python sets an attribute, which would hide a function."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _PUBLIC and isinstance(value, ModuleType):
            value.__class__ = _CallablePackage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Root
