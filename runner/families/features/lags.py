"""Features made of the target before the origin, in the units of the transformed target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from runner.families.features.rows import Rows
from runner.families.features.sight import Column, Sight, State, Stateless
from runner.members.features.rolling import Rolling
from runner.members.features.seasonal_lags import SeasonalLags
from runner.values.panel import Floats, Ints


@dataclass(frozen=True)
class Lags(Stateless):
    """`lag.3`: the value three steps before the origin."""

    steps: tuple[int, ...]

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return a column for each lag."""
        return [Column(f"lag.{back}", partial(_lag, sight, back), depends_on=back) for back in self.steps]


@dataclass(frozen=True)
class RollingStatistics(Stateless):
    """`rolling.mean.4`: the mean of the last four steps; a standard deviation is divided by the scale alone."""

    wanted: tuple[Rolling, ...]

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return a column for each statistic and window."""
        return [
            Column(f"rolling.{w.stat}.{w.window}", partial(_rolling, sight, w.stat, w.window), depends_on=w.window)
            for w in self.wanted
        ]


@dataclass(frozen=True)
class SeasonalLagValues(Stateless):
    """`seasonal.1`, `seasonal.1-2`, `seasonal.2+1`: seasons back, and steps from there.

    Season 1 is the latest date before the origin a whole number of seasons before the target date.
    A neighbor that is not before the origin is missing.
    """

    wanted: SeasonalLags

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return a column for each season and neighbor, and the mean over all seasons where it is asked for."""
        columns = [
            Column(_seasonal_name(season, aside), partial(_seasonal, sight, season, aside), depends_on=season)
            for season in range(1, self.wanted.seasons + 1)
            for aside in range(-self.wanted.around, self.wanted.around + 1)
        ]
        if self.wanted.mean:
            columns.append(Column("seasonal.mean", partial(_seasonal_mean, sight), depends_on="mean"))
        return columns


def _lag(sight: Sight, back: int, rows: Rows) -> Floats:
    return rows.spread(sight.units.convert(sight.lag(back)))


def _rolling(sight: Sight, stat: str, window: int, rows: Rows) -> Floats:
    values = sight.statistic(stat, window)
    return rows.spread(values / sight.units.scale if stat == "std" else sight.units.convert(values))


def _seasonal_name(season: int, aside: int) -> str:
    return f"seasonal.{season}{aside:+d}" if aside else f"seasonal.{season}"


def _steps_back(sight: Sight, rows: Rows) -> Ints:
    """Return steps from the origin to the latest date whole seasons before the target date, [R], at least 1."""
    ahead = sight.gap + rows.step - 1
    return (ahead // sight.season + 1) * sight.season - ahead


def _seasonal(sight: Sight, season: int, aside: int, rows: Rows) -> Floats:
    back = _steps_back(sight, rows) + (season - 1) * sight.season - aside
    return sight.units.convert_rows(sight.value(rows, back), rows)


def _seasonal_mean(sight: Sight, rows: Rows) -> Floats:
    return sight.units.convert_rows(sight.seasonal_mean(rows, _steps_back(sight, rows)), rows)
