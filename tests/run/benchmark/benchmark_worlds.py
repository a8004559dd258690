"""A small plan, rows kept in memory, and a fit without workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from runner.families.models import ModelError
from runner.language.sections.experiment import Experiment
from runner.run.benchmark.member import Fitted, LostFit, MemberJob, fit_member
from runner.run.plan import Plan, make_plan
from runner.values.panel import Floats, Panel
from runner.values.records import ModelResult
from runner.values.section import as_values

STEPS, SERIES, HORIZON = 60, 3, 4
MODELS: dict[str, Any] = {
    "naive": {},
    "seasonal_naive": {},
    "drift": {},
    "blend": {"of": ["naive", "seasonal_naive"], "weights": "learnt"},
}


def plan_of(folder: Path, models: Mapping[str, Any] = MODELS, *, timeout: str | None = None, **forecast: Any) -> Plan:
    tree = {
        "version": 1,
        "name": "x",
        "data": {"source": {"synthetic": {}}, "series": ["id"], "time": {"integer": "t"}, "target": "y"},
        "forecast": {"horizon": HORIZON, "season": 12, **forecast},
        "evaluation": {"metric": "mae", "tuning": {"windows": 2}, "test": {"windows": 2}, "compare": {}},
        "models": dict(models),
        "run": {"timeout": timeout},
    }
    spec = Experiment.model_validate(as_values(tree))
    return make_plan(spec, panel(), tables=folder, key="k")


def panel() -> Panel:
    rng = np.random.default_rng(8)
    wave = 20 + 5 * np.sin(np.arange(STEPS) * 2 * np.pi / 12)
    y: Floats = np.vstack([(i + 1) * wave + rng.normal(0, 1, STEPS) for i in range(SERIES)])
    y[1, -2] = np.nan
    ids = tuple((str(i),) for i in range(SERIES))
    return Panel(("id",), ids, np.arange(STEPS + HORIZON), None, y, np.zeros(SERIES, int), np.full(SERIES, STEPS))


class KeptRows:
    """Where finished rows are kept."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.kept, self.series = folder, dict[str, ModelResult](), b""
        self.models: dict[str, dict[str, bytes]] = {}

    def results(self) -> Mapping[str, ModelResult]:
        return dict(self.kept)

    def add_result(self, result: ModelResult, forecasts: bytes | None = None) -> None:
        self.kept[result.model] = result
        if forecasts is not None:
            self.forecasts_path(result.model).write_bytes(forecasts)

    def forecasts_path(self, model: str) -> Path:
        return self.folder / f"{model}.parquet"

    def write_model(self, model: str, files: Mapping[str, bytes]) -> None:
        self.models[model] = dict(files)

    def write_series_scores(self, content: bytes) -> None:
        self.series = content


class Fitter:
    """Fits in this process and remembers what it was asked for.

    `broken` models fail, `lost` ones' workers die, `slow` ones are ended by the time limit.
    """

    def __init__(
        self, plan: Plan, broken: Sequence[str] = (), lost: Sequence[str] = (), slow: Sequence[str] = ()
    ) -> None:
        self.plan, self.broken, self.lost, self.slow, self.asked = plan, broken, lost, slow, list[str]()

    def __call__(self, jobs: Sequence[MemberJob]) -> Iterator[tuple[MemberJob, Fitted]]:
        for job in jobs:
            self.asked.append(job.candidate.model)
            if job.candidate.model in self.lost:
                yield job, LostFit("signal: the worker died of SIGKILL")
                continue
            if job.candidate.model in self.slow:
                yield job, LostFit("timeout: not finished", self.plan.spec.run.timeout)
                continue
            if job.candidate.model in self.broken:
                yield job, "test-1: it would not"
                continue
            try:
                yield job, fit_member(job, self.plan)
            except ModelError as error:
                yield job, str(error)
