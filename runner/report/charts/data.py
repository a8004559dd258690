"""Pictures of the data and of what the models made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from runner.report.chart import Axis, Band, Bars, Chart, Kind, Line, Mark, bar_height
from runner.results.contributions import Importance, Unit
from runner.results.metric_values import plain_number

MOST_FEATURES = 15
_FEATURE_AXES: Mapping[Unit, str] = {
    "target": "mean |contribution| to a forecast, in units of {target}",
    "raw": "mean |contribution| to the raw score",
    "share": "share of the model's own importance",
}
_FEATURE_NOTES: Mapping[Unit, str] = {
    "target": "SHAP values by the library itself, of the final model on {told} that end in the last horizon of the "
    "data: how far a feature moves a forecast on average, up or down, beside the series' own level.",
    "raw": "SHAP values by the library itself, of the final model on {told} that end in the last horizon of the data. "
    "The objective transforms its score into the forecast, so they are not in units of the target.",
    "share": "Shares of {told}, in the model of the last test window; its final model has no contributions kept.",
}


def total(overview: Mapping[str, Any]) -> Chart:
    """The sum of all series over time."""
    times = tuple(overview["times"])
    step = overview.get("step", 1)
    marks: list[Mark] = [Line("sum" if step == 1 else "mean", times, tuple(overview["total"]), "blue", width=1.6)]
    if step > 1:
        marks.insert(0, Band("lowest to highest", times, tuple(overview["low"]), tuple(overview["high"]), "blue"))
    band = " The band reaches from the lowest to the highest of them." if step > 1 else ""
    return Chart(
        "total",
        "All series together",
        Axis("", _kind(times)),
        Axis("sum of the target", zero=True),
        tuple(marks),
        f"{_counted(overview)}{_thinned(overview)}{band}",
        height=240,
    )


def _kind(times: Sequence[Any]) -> Kind:
    return "time" if times and isinstance(times[0], str) else "number"


def _thinned(overview: Mapping[str, Any]) -> str:
    """What a point of a line over time stands for, where it is more than a step."""
    if "step" in overview:
        return f" Each point is the mean of {overview['step']:,} steps." if overview["step"] > 1 else ""
    apart = max(1, overview["n_steps"] // 400)  # as older overviews were made
    return f" Only one step in {apart:,} is drawn." if apart > 1 else ""


def _counted(overview: Mapping[str, Any]) -> str:
    """What there is, in words."""
    n, missing = overview["n_series"], overview["missing"]
    parts = [f"{n:,} series" if n != 1 else "One series", f"{overview['observations']:,} observations"]
    length = same_length(overview)
    if length is not None and n > 1:
        parts.append(f"each {length:,} steps long")
    gaps = f"{missing:,} values are missing inside the series" if missing else "No value is missing inside the series"
    return f"{', '.join(parts)}. {gaps}."


def same_length(overview: Mapping[str, Any]) -> int | None:
    """Steps of every series, where they are all alike."""
    edges, counts = overview["lengths"]["edges"], overview["lengths"]["counts"]
    alike = sum(count > 0 for count in counts) == 1 and edges[-1] - edges[0] <= 1.0
    return round((edges[0] + edges[-1]) / 2) if alike else None


def alive(overview: Mapping[str, Any]) -> Chart:
    """How many series have a value at each time."""
    times = tuple(overview["times"])
    return Chart(
        "alive",
        "Series with a value",
        Axis("", _kind(times)),
        Axis("series", zero=True),
        (Line("series", times, tuple(map(float, overview["alive"])), "green", width=1.6),),
        f"{overview['missing']:,} values are missing inside the series.{_thinned(overview)}",
        height=240,
    )


def lengths(overview: Mapping[str, Any]) -> Chart:
    """How long the series are."""
    return _histogram(
        overview["lengths"], "lengths", "Lengths", f"steps of {overview['freq'] or 'time'}", percent=False
    )


def gaps(overview: Mapping[str, Any]) -> Chart:
    """How much of the series is missing."""
    return _histogram(overview["gap_shares"], "gaps", "Gaps", "share of a series' steps without a value", percent=True)


def zeros(overview: Mapping[str, Any]) -> Chart:
    """How much of the series is zero."""
    return _histogram(overview["zero_shares"], "zeros", "Zeros", "share of a series' values that are 0", percent=True)


def features(model: str, found: Importance, target: str = "the target") -> Chart:
    """What the model makes of its features: the largest, and how many there are more."""
    ordered = sorted(found.sizes.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [(name, size) for name, size in ordered if size > 0][:MOST_FEATURES]
    names = tuple(name for name, _ in shown)
    rest = len(ordered) - len(shown)
    note = _FEATURE_NOTES[found.unit].format(told=found.measure)
    return Chart(
        f"features-{model}",
        f"What {model} looks at",
        Axis(_FEATURE_AXES[found.unit].format(target=target), percent=found.unit == "share", zero=True),
        Axis("", "category", names),
        (
            Bars(
                "importance",
                names,
                tuple(size for _, size in shown),
                ("blue",) * len(names),
                tuple(f"{size:.1%}" if found.unit == "share" else plain_number(size) for _, size in shown),
            ),
        ),
        note + (f" {rest} more feature{'s matter' if rest != 1 else ' matters'} less." if rest else ""),
        height=bar_height(len(names), 24),
    )


def _histogram(counted: Mapping[str, Any], key: str, title: str, axis: str, *, percent: bool) -> Chart:
    edges = counted["edges"]
    centres = tuple((a + b) / 2 for a, b in pairwise(edges))
    bars = Bars("series", centres, tuple(map(float, counted["counts"])), ("blue",) * len(centres))
    return Chart(key, title, Axis(axis, percent=percent), Axis("series", zero=True), (bars,), height=220)
