"""`features:`, `target:` and `training:`: what a trained model sees, predicts, and learns from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runner.values.section import Section

Lag = Annotated[int, Field(ge=1, le=10_000)]
Statistic = Literal["mean", "std", "min", "max", "median"]
CalendarPart = Literal["year", "quarter", "month", "week", "day", "weekday", "hour", "weekend", "elapsed"]
ProfileStatistic = Literal["mean", "cv", "zeros", "missing", "trend", "seasonality"]


class SeasonalLags(Section):
    """The target a season before the target date: the latest such date before the origin, and its neighbours."""

    around: Annotated[int, Field(ge=0, le=52)] = 0
    """Neighbours on each side."""
    seasons: Annotated[int, Field(ge=1, le=10)] = 1
    """How many seasons back."""
    mean: bool = False
    """Also the mean of all past values at the same place in the season."""


class Rolling(Section):
    """A statistic of the last steps before the origin."""

    stat: Statistic
    """Which statistic; missing values are skipped."""
    window: Annotated[int, Field(ge=1, le=10_000)]
    """Steps before the origin."""


class Holidays(Section):
    """Public holidays of a country: how many fall into the step of the target date, and how far the nearest are."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")]
    """ISO 3166 code."""
    subdivision: str | None = None
    """State or province code."""
    distance: bool = False
    """Also the steps since the last and to the next holiday."""


class Features(Section):
    """What a trained model sees of a (series, origin, step)."""

    lags: tuple[Lag, ...] = ()
    """Steps back from the origin; 1 is the last known value."""
    seasonal_lags: SeasonalLags | None = None
    """Values a season before the target date."""
    rolling: tuple[Rolling, ...] = ()
    """Statistics of the last steps before the origin."""
    calendar: tuple[CalendarPart, ...] = ()
    """Parts of the target date."""
    holidays: Holidays | None = None
    """Public holidays around the target date."""
    profile: tuple[ProfileStatistic, ...] = ()
    """Statistics of the series, learnt from the training part of each window."""
    ids: bool = False
    """The id columns as categories."""
    covariates: bool = True
    """Known covariates at the target date, observed ones at the origin, and static ones."""
    step: bool = True
    """The step ahead, from 1 to the horizon."""


class TargetScaling(Section):
    """How the target of each series is brought to a common scale; undone after the forecast."""

    scale: Literal["none", "mean", "std", "difference"] = "mean"
    """Divide by the mean absolute value, standard deviation or mean absolute first difference before the origin."""
    level: Literal["none", "mean", "last"] = "none"
    """Subtract the mean or the last value before the origin first."""
    window: Annotated[int, Field(ge=1)] | None = None
    """Steps before the origin to take them from; all when absent."""
    base: Literal["none", "seasonal_naive"] = "none"
    """Model whose forecast is subtracted, so that the residual is learnt."""
    transform: Literal["none", "log1p"] = "none"
    """Transform applied before scaling."""


class Origins(Section):
    """Which past dates serve as origins of training rows."""

    every: Annotated[int, Field(ge=1)] = 1
    """Steps between two origins, counted back from the cut-off."""
    last: Annotated[int, Field(ge=1)] | None = None
    """Only the latest so many origins with a whole horizon, and those after them; all when absent."""


class EverySteps(Section):
    """Every k-th step ahead, beginning at a different step at each origin so that all are met."""

    every: Annotated[int, Field(ge=1)]
    """Keep one step ahead of so many."""


class Rounds(Section):
    """How far boosting goes: all windows grow together in chunks and stop on the tuned metric."""

    max: Annotated[int, Field(ge=1, le=100_000)] = 600
    """Most rounds."""
    chunk: Annotated[int, Field(ge=1)] = 25
    """Rounds between two looks at the metric."""
    patience: Annotated[int, Field(ge=1)] = 4
    """Chunks without a better value after which it stops."""


class Training(Section):
    """Which (origin, step) rows train a direct model, and how far boosting goes."""

    origins: Origins = Origins()
    """Origins of the rows."""
    steps: Literal["all"] | EverySteps = "all"
    """Steps ahead of the rows."""
    rounds: Rounds = Rounds()
    """Boosting rounds."""
