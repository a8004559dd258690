"""The picture of a scoreboard. Colours are those of Okabe and Ito (2008), which colour-blind people can tell apart."""

from __future__ import annotations

import io

import matplotlib
from matplotlib.figure import Figure

from runner.report.document import BenchmarkDocument
from runner.report.scoreboard import show, verdict

BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#999999"

matplotlib.use("agg")


def scoreboard_png(document: BenchmarkDocument) -> bytes:
    """Bars of the tuned metric with each window as a dot; the baseline is marked by a line. PNG bytes."""
    ranked = [row for row in document.results if row.status == "ok" and row.scores.get(document.metric) is not None]
    figure = Figure(figsize=(8, 1.2 + 0.55 * max(len(ranked), 1)), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(ranked):
        value = row.scores[document.metric] or 0.0
        colour = ORANGE if row.model_name == document.baseline else BLUE
        axes.barh(place, value, color=colour, height=0.6)
        dots = [w.scores.get(document.metric) for w in row.windows]
        axes.plot(
            [d for d in dots if d is not None], [place] * sum(d is not None for d in dots), "o", color="black", ms=4
        )
        axes.annotate(f" {show(document.metric, value)}", (max([value, *(d for d in dots if d)]), place), va="center")
        if row.model_name == document.baseline:
            axes.axvline(value, color=ORANGE, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(ranked)), [row.model_name for row in ranked])
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel(f"{document.metric} on {_test_windows(document)} (dots: each window; dashed: baseline)")
    axes.set_title(f"{document.name}\n{verdict(document)}", fontsize=10, loc="left", color="black")
    axes.spines[["top", "right"]].set_visible(False)
    sink = io.BytesIO()
    figure.savefig(sink, format="png", dpi=120)
    return sink.getvalue()


def _test_windows(document: BenchmarkDocument) -> str:
    count = sum(window.name.startswith("test") for window in document.windows)
    return f"{count} test window{'s' if count != 1 else ''}"
