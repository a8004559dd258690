"""Pictures of the data and of what the models made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import altair as alt

from runner.report.charts import marks
from runner.report.charts.marks import paint, plot, quantity
from runner.report.picture import Picture
from runner.results.contributions import Importance, Unit
from runner.results.metric_values import plain_number

MOST_FEATURES: Final = 15
_FEATURE_AXES: Final[Mapping[Unit, str]] = {
    "target": "mean |contribution| to a forecast, in units of {target}",
    "raw": "mean |contribution| to the raw score",
    "share": "share of the model's own importance",
}
_FEATURE_NOTES: Final[Mapping[Unit, str]] = {
    "target": "SHAP values by the library itself, of the final model on {source} that end in the last horizon of the "
    "data: how far a feature moves a forecast on average, up or down, on top of the series' own level.",
    "raw": "SHAP values by the library itself, of the final model on {source} that end in the last horizon of the "
    "data. The objective transforms its score into the forecast, so they are not in units of the target.",
    "share": "Shares of {source}, in the model of the last test window; its final model has no contributions kept.",
}


def total(overview: Mapping[str, Any]) -> Picture:
    """Return the sum of all series over time."""
    step = overview["step"]
    note = f"{_counted(overview)}{_thinned(overview)}"
    spec = _over_time(overview, "total", "sum of the target" if step == 1 else "mean sum of the target", "blue")
    if step > 1:
        note += " The band reaches from the lowest to the highest of them."
    return Picture("total", "All series together", spec, note, wide=True)


def alive(overview: Mapping[str, Any]) -> Picture:
    """Return how many series have a value at each time."""
    note = f"{overview['missing']:,} values are missing inside the series.{_thinned(overview)}"
    return Picture("alive", "Series with a value", _over_time(overview, "alive", "series", "green"), note)


def _over_time(overview: Mapping[str, Any], field: str, title: str, color: str) -> dict[str, Any]:
    """Draw one line over the times of an overview, with a band where a point is the mean of steps."""
    times = _moments(overview)
    rows = [{"x": x, "y": y} for x, y in zip(times, overview[field], strict=True)]
    x, y = marks.time_axis(times), alt.Y("y:Q", **quantity(title, zero=True))
    base = plot(rows).encode(x=x, y=y)
    tips = [marks.time_tip(times), marks.value_tip(title, share=False)]
    hover = base.mark_point(opacity=0, size=90).encode(tooltip=tips).properties(name="hover")
    layers = [base.mark_line(color=paint(color), strokeWidth=1.6).properties(name="line"), hover]
    if field == "total" and overview["step"] > 1:
        ends = zip(times, overview["low"], overview["high"], strict=True)
        band = plot([{"x": at, "y": low, "y2": high} for at, low, high in ends])
        layers.insert(0, band.mark_area(color=paint(color), opacity=0.2).encode(x=x, y="y:Q", y2="y2:Q"))
    return marks.finish_chart(layers, 240)


def _moments(overview: Mapping[str, Any]) -> list[Any]:
    return [f"{time}Z" if isinstance(time, str) else time for time in overview["times"]]


def _thinned(overview: Mapping[str, Any]) -> str:
    """Return what a point of a line over time is, where it is more than a step."""
    return f" Each point is the mean of {overview['step']:,} steps." if overview["step"] > 1 else ""


def _counted(overview: Mapping[str, Any]) -> str:
    """Return the counts in words."""
    n, missing = overview["n_series"], overview["missing"]
    parts = [f"{n:,} series" if n != 1 else "One series", f"{overview['observations']:,} observations"]
    length = same_length(overview)
    if length is not None and n > 1:
        parts.append(f"each {length:,} steps long")
    gaps = f"{missing:,} values are missing inside the series" if missing else "No value is missing inside the series"
    return f"{', '.join(parts)}. {gaps}."


def same_length(overview: Mapping[str, Any]) -> int | None:
    """Return the steps of every series, where they are all alike."""
    edges, counts = overview["lengths"]["edges"], overview["lengths"]["counts"]
    alike = sum(count > 0 for count in counts) == 1 and edges[-1] - edges[0] <= 1.0
    return round((edges[0] + edges[-1]) / 2) if alike else None


def lengths(overview: Mapping[str, Any]) -> Picture:
    """Return how long the series are."""
    return _histogram(overview["lengths"], "lengths", "Lengths", f"steps of {overview['freq'] or 'time'}", share=False)


def gaps(overview: Mapping[str, Any]) -> Picture:
    """Return how much of the series is missing."""
    return _histogram(overview["gap_shares"], "gaps", "Gaps", "share of a series' steps without a value", share=True)


def zeros(overview: Mapping[str, Any]) -> Picture:
    """Return how much of the series is zero."""
    return _histogram(overview["zero_shares"], "zeros", "Zeros", "share of a series' values that are 0", share=True)


def _histogram(counted: Mapping[str, Any], key: str, title: str, axis: str, *, share: bool) -> Picture:
    x, y = quantity(axis, share=share), quantity("series", whole=True, zero=True)
    bars = marks.histogram(counted["counts"], counted["edges"], x, y).mark_bar(color=paint("blue"))
    return Picture(key, title, marks.finish_chart([bars], 220))


def features(model: str, importance: Importance, target: str = "the target") -> Picture:
    """Return what the model makes of its features: the largest, and how many there are more."""
    share = importance.unit == "share"
    ordered = sorted(importance.sizes.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [
        {"name": name, "size": size, "text": f"{size:.1%}" if share else plain_number(size)}
        for name, size in ordered[:MOST_FEATURES]
        if size > 0
    ]
    rest = len(ordered) - len(rows)
    axis = quantity(_FEATURE_AXES[importance.unit].format(target=target), share=share, zero=True)
    more = f" {rest} more feature{'s matter' if rest != 1 else ' matters'} less." if rest else ""
    return Picture(
        f"features-{model}",
        f"What {model} looks at",
        marks.finish_chart(marks.bars_down(rows, axis), 24 * len(rows)),
        _FEATURE_NOTES[importance.unit].format(source=importance.measure) + more,
    )
