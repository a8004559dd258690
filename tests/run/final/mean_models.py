"""Two plug-in models in one module that learn from the history alone: a mean and a median of each series."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from runner.families.models.base import Task
from runner.families.models.files import read_meta, write_meta
from runner.members.member import Member
from runner.members.models.section import ModelSection
from runner.members.plugins import Plugin
from runner.values.panel import Floats, Forecast

CENTERS: Final[Mapping[str, Callable[..., Any]]] = {"mean": np.nanmean, "median": np.nanmedian}
PLUGINS: Final = {
    kind: Plugin(
        Member(kind, ModelSection, f"{__name__}:{kind}", "A constant.", traits=frozenset({"baseline"})),
        "mean-models",
        "1",
        __name__,
    )
    for kind in CENTERS
}


@dataclass(frozen=True)
class Center:
    """A value of each series [N]: fitted, and as it is read back."""

    kind: str
    values: Floats
    shape: tuple[int, int]

    def grow(self, rounds: int) -> None:
        """Do nothing."""

    def forecast(self, task: Task | None = None, horizon: int = 4) -> Forecast:
        return Forecast(np.repeat(self.values[:, None], horizon, axis=1))

    def save(self) -> dict[str, bytes]:
        values = json.dumps([None if np.isnan(value) else value for value in self.values]).encode()
        return {**write_meta(self.kind, {}), "values.json": values}


@dataclass(frozen=True)
class CenterModel:
    """A kind, which has no `forecast` of its own."""

    kind: str
    grows: bool = False
    inputs: str = "history"

    def start(self, task: Task) -> Center:
        y = task.view.panel.y
        return Center(self.kind, CENTERS[self.kind](y, axis=1), (int(np.isfinite(y).sum()), 0))


def mean(_params: Mapping[str, Any], _seed: int) -> CenterModel:
    return CenterModel("mean")


def median(_params: Mapping[str, Any], _seed: int) -> CenterModel:
    return CenterModel("median")


def load(kind: str, files: Mapping[str, bytes]) -> Center:
    read_meta(files, kind)
    return Center(kind, np.array(json.loads(files["values.json"]), dtype=float), (0, 0))
