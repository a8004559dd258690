"""The parameters of a library: names, aliases, types and values, from tables that a test holds against the library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from typing import Any, Final

THREADS: Final = "`run.workers` sets how much runs at once, one thread each"
ROUNDS: Final = "set `training.rounds`: boosting stops by itself on the tuned metric"
SEED: Final = "set `study.sampler.seed`: every seed is derived from it"
SAME: Final = "it is always on, so that the same spec gives the same numbers"
METRIC: Final = "set `evaluation.metric`: every model is judged by the same one"
QUIET: Final = "progress is shown by run-spec"
DATA: Final = "set `data`: a model sees nothing but what `data` and `features` say"
FILES: Final = "models and logs go to the run folder"
"""What to do instead of setting a parameter that run-spec sets itself."""

Values = tuple[str, ...]


@dataclass(frozen=True)
class Need:
    """A parameter, with the values, without which another one does nothing."""

    parameter: str
    values: Values = ()  # any value above 0 when empty
    unless: tuple[str, Values] | None = None  # a parameter that takes its place, with the values


@dataclass(frozen=True)
class ParameterTable:
    """The parameters of one library. `file` is a JSON table of this package."""

    library: str
    file: str
    owned: Mapping[str, str] = field(default_factory=dict)  # canonical name -> what to do instead
    values: Mapping[str, Values] = field(default_factory=dict)  # parameter -> values that train a regression here
    needs: Mapping[str, Need] = field(default_factory=dict)  # parameter -> what it does nothing without

    @cached_property
    def entries(self) -> Mapping[str, Mapping[str, Any]]:
        """Canonical name -> {"aliases": [...], "type": "int" | "float" | "bool" | "text" | null}."""
        text = files("runner.members").joinpath("tables", self.file).read_text(encoding="utf-8")
        entries: Mapping[str, Mapping[str, Any]] = json.loads(text)["parameters"]
        return entries

    @cached_property
    def _canonical(self) -> Mapping[str, str]:
        names = {name: name for name in self.entries}
        return names | {alias: name for name, entry in self.entries.items() for alias in entry["aliases"]}

    def canonical(self, name: str) -> str | None:
        """Return the library's own name of a parameter or alias; None when the library knows neither."""
        return self._canonical.get(name)

    def names(self) -> tuple[str, ...]:
        """Return every name and alias that a spec may write."""
        return tuple(name for name, canonical in self._canonical.items() if canonical not in self.owned)

    def type_of(self, name: str) -> str | None:
        """Return `int`, `float`, `bool` or `text` of a canonical name; None when the library takes several."""
        kind: str | None = self.entries.get(name, {}).get("type")
        return kind
