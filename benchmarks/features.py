"""How long feature tables take on a panel of the full Walmart size: 3,000 series x 143 weeks, 39 ahead.

    OMP_NUM_THREADS=1 python benchmarks/features.py

Each line is a process of its own. `first` is what a fresh worker pays (imports of the families, holidays and the first
touch of memory included), `again` the better of two repeats, which find all of that done: do not quote it alone.
Seconds of CPU, user and system; peak memory of the process. The file of `from the cache` was written just before, so it
is in the system's page cache. Where mlforecast can be imported, it makes the same one-step table (lags and rolling
statistics, unscaled), and the values are compared.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from runner.families.features.build import TableBuilder, build
from runner.families.features.cache import Cache, forget
from runner.families.features.config import TableConfig
from runner.families.features.table import WindowTables
from runner.members.features.holidays import Holidays
from runner.members.features.rolling import Rolling
from runner.members.features.seasonal_lags import SeasonalLags
from runner.members.features.section import Features
from runner.members.targets.section import TargetScaling
from runner.members.training import EverySteps, Origins, Training
from runner.values.panel import Covariate, Panel, View, view_until

N, T, H = 3000, 143, 39
STATS = ("mean", "std", "min", "max")
RICH = Features(
    lags=(1, 2, 3, 4, 8, 13),
    seasonal_lags=SeasonalLags(around=2, mean=True),
    rolling=tuple(Rolling(stat=stat, window=w) for stat in ("mean", "std", "median") for w in (4, 13, 26, 52)),
    calendar=("month", "week"),
    holidays=Holidays(country="US", distance=True),
    profile=("mean", "cv", "zeros", "missing", "trend", "seasonality"),
    ids=True,
)
PLAIN = Features(
    lags=tuple(range(1, 14)),
    rolling=tuple(Rolling(stat=stat, window=w) for stat in STATS for w in (4, 13, 26)),
    covariates=False,
)
SCALED = TargetScaling(scale="difference", level="mean", window=52)
UNSCALED = TargetScaling(scale="none")
CASES: dict[str, tuple[int, TableConfig]] = {
    "every 6 weeks, a third of the steps": (
        H,
        TableConfig(RICH, SCALED, Training(origins=Origins(every=6), steps=EverySteps(every=3))),
    ),
    "every week, a third of the steps": (H, TableConfig(RICH, SCALED, Training(steps=EverySteps(every=3)))),
    "every week, all steps": (H, TableConfig(RICH, SCALED, Training())),
    "one step ahead, plain": (1, TableConfig(PLAIN, UNSCALED, Training())),
}


def world() -> Panel:
    """A seeded panel with a season, noise, gaps, and one covariate of each role."""
    rng = np.random.default_rng(0)
    season = 1 + 0.2 * np.sin(np.arange(T) * 2 * np.pi / 52)
    y = rng.lognormal(8, 1, (N, 1)) * season * rng.lognormal(0, 0.2, (N, T))
    y[rng.random((N, T)) < 0.01] = np.nan
    y[:, 0] = 1
    covariates = (
        Covariate("promo", "known", (rng.random(T + H) < 0.1).astype(np.float64)),
        Covariate("weather", "observed", rng.normal(size=(N, T + H))),
        Covariate("size", "static", rng.random(N)),
    )
    times = pd.date_range("2010-02-05", periods=T + H, freq="W-FRI").to_numpy()
    ids = tuple((str(i // 70), str(i % 70)) for i in range(N))
    return Panel(("store", "dept"), ids, times, "W-FRI", y, np.zeros(N, np.int64), np.full(N, T), covariates)


@dataclass(frozen=True)
class Cost:
    rows: int
    columns: int
    first: float
    again: float
    peak_mb: float


def cost(work: Callable[[], tuple[int, int]]) -> Cost:
    """Of work that says how many rows and columns it made."""
    seconds, shape = [], (0, 0)
    for _ in range(3):
        began = time.process_time()
        shape = work()
        seconds.append(time.process_time() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(*shape, first=seconds[0], again=min(seconds[1:]), peak_mb=peak)


def shape(tables: WindowTables) -> tuple[int, int]:
    return len(tables.train) + len(tables.ahead), len(tables.train.names)


def case_view(name: str) -> View:
    horizon = CASES[name][0]
    panel = world()
    if horizon == 1:  # mlforecast knows no missing target
        panel = replace(panel, y=np.nan_to_num(panel.y))
    return view_until(panel, np.full(N, T), first=np.zeros(N, np.int64), gap=0, horizon=horizon, season=52)


def built(name: str) -> Cost:
    view = case_view(name)
    return cost(lambda: shape(build(view, CASES[name][1])))


def write(folder: str, name: str) -> None:
    TableBuilder(case_view(name), CASES[name][1], Cache(Path(folder), "k")).tables()


def read(folder: str, name: str) -> Cost:
    def work() -> tuple[int, int]:
        forget()
        return shape(TableBuilder(case_view(name), CASES[name][1], Cache(Path(folder), "k")).tables())

    return cost(work)


def frame_of(panel: Panel) -> pd.DataFrame:
    ids = np.repeat([f"{i:04}" for i in range(N)], T)
    return pd.DataFrame({"unique_id": ids, "ds": np.tile(panel.times[:T], N), "y": panel.y.ravel()})


def mlforecast_model() -> Any:
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import RollingMax, RollingMean, RollingMin, RollingStd

    kinds = dict(zip(STATS, (RollingMean, RollingStd, RollingMin, RollingMax), strict=True))
    asked = [kinds[wanted.stat](wanted.window, min_samples=1) for wanted in PLAIN.rolling]
    return MLForecast(models=[], freq="W-FRI", lags=list(PLAIN.lags), lag_transforms={1: asked})


def by_mlforecast(name: str) -> Cost:
    frame, model = frame_of(case_view(name).panel), mlforecast_model()

    def work() -> tuple[int, int]:
        made = model.preprocess(frame, dropna=False)
        return len(made), made.shape[1] - 3

    return cost(work)


def disagreement(name: str) -> str:
    """How far the values of the two are apart, in the rows that both have."""
    view = case_view(name)
    made = mlforecast_model().preprocess(frame_of(view.panel), dropna=False)
    train = build(view, CASES[name][1]).train
    theirs = made.drop(columns=["unique_id", "ds", "y"]).to_numpy().reshape(N, T, -1)[train.series, train.origin]
    names = [f"lag.{back}" for back in PLAIN.lags]
    names += [f"rolling.{wanted.stat}.{wanted.window}" for wanted in PLAIN.rolling]
    ours = train.x[:, [train.names.index(name) for name in names]]
    apart = np.nanmax(np.abs(ours - theirs) / (1 + np.abs(theirs)))
    holes = int((np.isnan(ours) != np.isnan(theirs)).sum())
    return f"largest relative difference of the two: {apart:.1e}; cells missing in one of them only: {holes:,}"


def alone(work: Callable[..., Any], *arguments: str) -> Any:
    """The result of a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def lines() -> Iterator[tuple[str, Cost]]:
    for name, (horizon, _) in CASES.items():
        yield name, alone(built, name)
        if horizon > 1:
            with tempfile.TemporaryDirectory() as folder:
                alone(write, folder, name)
                yield "  from the cache", alone(read, folder, name)
        elif find_spec("mlforecast"):
            yield "  by mlforecast.preprocess", alone(by_mlforecast, name)


def main() -> None:
    console, table = Console(), Table("table", "rows", "columns", "first", "again", "peak MB")
    for name, found in lines():
        numbers = (f"{found.rows:,}", str(found.columns), f"{found.first:.2f}", f"{found.again:.2f}")
        table.add_row(name, *numbers, f"{found.peak_mb:,.0f}")
    console.print(table)
    if find_spec("mlforecast"):
        console.print(alone(disagreement, list(CASES)[-1]))


if __name__ == "__main__":
    main()
