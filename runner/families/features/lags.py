"""Features made of the target before the origin, in the units of the scaled target."""

from __future__ import annotations

from functools import partial

from runner.families.features.rows import Rows
from runner.families.features.scopes import Column, Past
from runner.members.features.section import Features
from runner.values.panel import Floats, Ints


def lags(past: Past, features: Features) -> list[Column]:
    """`lag.3`: the value three steps before the origin."""
    return [Column(f"lag.{back}", partial(_lag, past, back)) for back in features.lags]


def rolling(past: Past, features: Features) -> list[Column]:
    """`rolling.mean.4`: the mean of the last four steps; a standard deviation is divided by the scale alone."""
    return [
        Column(f"rolling.{wanted.stat}.{wanted.window}", partial(_rolling, past, wanted.stat, wanted.window))
        for wanted in features.rolling
    ]


def seasonal_lags(past: Past, features: Features) -> list[Column]:
    """`seasonal.1`, `seasonal.1-2`, `seasonal.2+1`: seasons back, and steps from there.

    Season 1 is the latest date before the origin that lies a whole number of seasons before the target date.
    A neighbour that is not before the origin is missing.
    """
    wanted = features.seasonal_lags
    if wanted is None:
        return []
    columns = [
        Column(_seasonal_name(season, aside), partial(_seasonal, past, season, aside))
        for season in range(1, wanted.seasons + 1)
        for aside in range(-wanted.around, wanted.around + 1)
    ]
    return columns + ([Column("seasonal.mean", partial(_seasonal_mean, past))] if wanted.mean else [])


def _lag(past: Past, back: int, rows: Rows) -> Floats:
    return rows.spread(past.scale.apply(past.lag(back)))


def _rolling(past: Past, stat: str, window: int, rows: Rows) -> Floats:
    values = past.statistic(stat, window)
    return rows.spread(values / past.scale.scale if stat == "std" else past.scale.apply(values))


def _seasonal_name(season: int, aside: int) -> str:
    return f"seasonal.{season}{aside:+d}" if aside else f"seasonal.{season}"


def _steps_back(past: Past, rows: Rows) -> Ints:
    """From the origin to the latest date a whole number of seasons before the target date, [R], at least 1."""
    ahead = past.gap + rows.step - 1
    return (ahead // past.season + 1) * past.season - ahead


def _seasonal(past: Past, season: int, aside: int, rows: Rows) -> Floats:
    back = _steps_back(past, rows) + (season - 1) * past.season - aside
    return past.scale.apply_rows(past.value(rows, back), rows)


def _seasonal_mean(past: Past, rows: Rows) -> Floats:
    return past.scale.apply_rows(past.seasonal_mean(rows, _steps_back(past, rows)), rows)
