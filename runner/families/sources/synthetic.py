"""A seeded panel with a known truth: level, trend, season, holiday peaks; and, on request, what makes real data hard.

Every series has a generator of its own, so that one more series changes none of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from runner.data.raw import Part, RawTable, Request
from runner.errors import DataError
from runner.members.sources.synthetic import Synthetic
from runner.values.panel import Bools, Floats

FIRST = "2015-01-04"
_ACTIVE = 0.2  # share of the steps at which an intermittent series is not zero
_ABSENT = 0.1  # share of the rows that a gappy series lacks


@dataclass(frozen=True)
class World:
    """All of a synthetic panel, S steps = history and future: what was seen, and what is true."""

    y: Floats  # [N, S], NaN beyond the history
    truth: Floats  # [N, S], the mean of y: free of noise
    promo: Bools  # [S]
    present: Bools  # [N, S], there is a row
    large: Bools  # [N]


def read(request: Request) -> RawTable:
    """Return columns `series`, `time`, `y`, `promo`, `kind`; `ahead` future rows have a promo and no y."""
    spec: Synthetic = request.source.synthetic
    made = world(spec, request.ahead)
    series, step = np.nonzero(made.present)
    y = made.y[series, step]
    columns = {
        "series": pa.array([f"s{number + 1:0{len(str(spec.series))}d}" for number in series.tolist()]),
        "time": pa.array(_times(request.freq, made.promo.size)[step]),
        "y": pa.array(y, mask=np.isnan(y)),
        "promo": pa.array(made.promo[step]),
        "kind": pa.array(np.where(made.large, "large", "small")[series].tolist()),
    }
    part = Part(f"{request.address}.synthetic", len(series), lambda row: f"row {row + 1}", request.source.fingerprint())
    return RawTable(request.address, pa.table(columns), (part,))


def truth(spec: Synthetic, ahead: int = 0) -> Floats:
    """Return the mean of y, free of noise, [N, S = steps + ahead]: no forecast can be better."""
    return world(spec, ahead).truth


def world(spec: Synthetic, ahead: int = 0) -> World:
    """Return the panel and its truth, which do not depend on `ahead`."""
    n, total = spec.series, spec.steps + ahead
    groups = _groups(spec)
    promo = _promo(spec.season, total)
    mean, y, present = np.empty((n, total)), np.empty((n, total)), np.ones((n, total), dtype=bool)
    large = np.arange(n) % 2 == 1
    for i in range(n):
        rng = np.random.default_rng([spec.seed, i])
        level = rng.uniform(500, 1500) if large[i] else rng.uniform(50, 150)
        mean[i] = level * _shape(spec, promo, shifted=i in groups["shifted"])
        y[i, : spec.steps] = _observe(mean[i, : spec.steps], level * spec.noise, i in groups["intermittent"], rng)
        present[i] = _rows(spec, total, i in groups["short"], i in groups["gappy"], rng)
    y[:, spec.steps :] = np.nan
    return World(y, mean, promo, present, large)


def _groups(spec: Synthetic) -> dict[str, set[int]]:
    """Return which series are hard in which way, in turn, counted from the last series back."""
    groups, at = {}, spec.series
    for name in ("intermittent", "shifted", "short", "gappy"):
        count = min(getattr(spec, name), spec.series)
        groups[name] = {(at - 1 - k) % spec.series for k in range(count)}
        at -= count
    return groups


def _promo(season: int, total: int) -> Bools:
    """Return three weeks a year: steps at one eighth, two thirds and nine tenths of the season."""
    cycle = season if season > 4 else 13
    at = {int(cycle * share) for share in (0.12, 0.67, 0.9)}
    return np.isin(np.arange(total) % cycle, sorted(at))


def _shape(spec: Synthetic, promo: Bools, *, shifted: bool) -> Floats:
    step = np.arange(promo.size)
    wave = np.sin(2 * np.pi * step / spec.season) if spec.season > 1 else 0.0
    shape: Floats = 1 + spec.trend * step / spec.season + spec.amplitude * wave + spec.peaks * promo
    return shape * np.where(shifted & (step >= spec.steps // 2), 1.5, 1.0)


def _observe(mean: Floats, noise: float, intermittent: bool, rng: np.random.Generator) -> Floats:
    observations: Floats = mean + rng.normal(0, 1, mean.size) * noise
    return observations * (rng.random(mean.size) < _ACTIVE) / _ACTIVE if intermittent else observations


def _rows(spec: Synthetic, total: int, short: bool, gappy: bool, rng: np.random.Generator) -> Bools:
    present = np.ones(total, dtype=bool)
    if gappy:
        present[: spec.steps] = rng.random(spec.steps) >= _ABSENT
        present[[0, spec.steps // 2, spec.steps - 1]] = (True, False, True)
    if short:
        present[: spec.steps * 3 // 4] = False
    return present


def _times(freq: str | None, total: int) -> np.ndarray:
    if freq is None:
        return np.arange(total)
    try:
        return pd.date_range(FIRST, periods=total, freq=freq).as_unit("us").to_numpy()
    except (ValueError, pd.errors.OutOfBoundsDatetime) as error:
        raise DataError(f"data.freq: {error}", key="data.freq", value=freq) from None
