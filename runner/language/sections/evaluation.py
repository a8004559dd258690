"""`evaluation:` which windows count, and how they are scored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runner.members.metrics.registry import Metric
from runner.members.metrics.section import MetricRef
from runner.values.section import Section


class Windows(Section):
    """A few numbers from which rolling windows are derived; `run-spec plan` prints them with dates."""

    windows: Annotated[int, Field(ge=1, le=1000)] = 1
    """Number of windows: how often the past is replayed."""
    step: Annotated[int, Field(ge=1)] | None = None
    """Steps between two cut-offs; the horizon when absent."""
    history: Annotated[int, Field(ge=1)] | None = None
    """Steps of training before each cut-off (sliding); all of them when absent (expanding)."""


class TuningWindows(Windows):
    """All that the search ever sees."""

    min_horizon: Annotated[int, Field(ge=1)] | None = None
    """Lets late windows stop at the test's first cut-off, with at least so many steps scored."""


class Compare(Section):
    """A test of equal accuracy against the best model."""

    method: Literal["diebold_mariano"] = "diebold_mariano"
    """Diebold and Mariano (1995) with the small-sample correction of Harvey, Leybourne and Newbold (1997)."""
    correction: Literal["holm", "none"] = "holm"
    """Correction for several comparisons."""
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Level of significance."""


class Evaluation(Section):
    """Which windows count, and how they are scored."""

    metric: Metric = MetricRef(kind="wape")
    """The one that is tuned and ranked by."""
    report: tuple[Metric, ...] = (
        MetricRef(kind="mape"),
        MetricRef(kind="rmse"),
        MetricRef(kind="mae"),
        MetricRef(kind="directional_accuracy"),
    )
    """Further metrics; mape, rmse, mae and directional_accuracy are always in the results document."""
    tuning: TuningWindows = TuningWindows()
    """Windows of the search; they end before the test windows begin."""
    test: Windows = Windows()
    """Windows held back for the benchmark."""
    anchor: Literal["calendar", "series_end"] = "calendar"
    """`calendar`: one cut-off for all series; `series_end`: counted back from each series' own end."""
    baseline: str = "seasonal_naive"
    """Model every gain is measured against; added to the models when it is a baseline kind and not among them."""
    compare: Compare | None = None
    """Test of significance between the models."""
