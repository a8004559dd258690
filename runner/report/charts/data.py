"""Pictures of the data and of what the models made of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from runner.report.chart import Axis, Bars, Chart, Kind, Line, bar_height

MOST_FEATURES = 15


def total(overview: Mapping[str, Any]) -> Chart:
    """The sum of all series over time."""
    times = tuple(overview["times"])
    kind: Kind = "time" if times and isinstance(times[0], str) else "number"
    return Chart(
        "total",
        "All series together",
        Axis("", kind),
        Axis("sum of the target", zero=True),
        (Line("sum", times, tuple(overview["total"]), "blue", width=1.6),),
        f"{overview['n_series']:,} series, {overview['observations']:,} observations.",
        height=240,
    )


def alive(overview: Mapping[str, Any]) -> Chart:
    """How many series have a value at each time."""
    times = tuple(overview["times"])
    kind: Kind = "time" if times and isinstance(times[0], str) else "number"
    return Chart(
        "alive",
        "Series with a value",
        Axis("", kind),
        Axis("series", zero=True),
        (Line("series", times, tuple(map(float, overview["alive"])), "green", width=1.6),),
        f"{overview['missing']:,} values are missing inside the series.",
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


def features(model: str, shares: Mapping[str, float]) -> Chart:
    """What the model uses."""
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])[:MOST_FEATURES]
    names = tuple(name for name, _ in ordered)
    return Chart(
        f"features-{model}",
        f"What {model} looks at",
        Axis("share of the model's own importance", percent=True, zero=True),
        Axis("", "category", names),
        (
            Bars(
                "importance",
                names,
                tuple(share for _, share in ordered),
                ("blue",) * len(names),
                tuple(f"{share:.1%}" for _, share in ordered),
            ),
        ),
        "LightGBM: total gain of the splits. CatBoost: change of the prediction.",
        height=bar_height(len(names), 24),
    )


def _histogram(counted: Mapping[str, Any], key: str, title: str, axis: str, *, percent: bool) -> Chart:
    edges = counted["edges"]
    centres = tuple((a + b) / 2 for a, b in pairwise(edges))
    bars = Bars("series", centres, tuple(map(float, counted["counts"])), ("blue",) * len(centres))
    return Chart(key, title, Axis(axis, percent=percent), Axis("series", zero=True), (bars,), height=220)
