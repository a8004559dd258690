"""Facts -> the files that a run leaves to look at, as bytes."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Final

from runner.report.html import report_html
from runner.report.markdown import report_markdown
from runner.report.sections import Album
from runner.results.run_facts import RunFacts

PICTURES: Final = ("scoreboard", "windows", "tradeoff", "steps", "series-best", "series-median", "series-worst")
"""Charts that are artefacts of their own, by key; those that a run does not have are left out."""


def make(facts: RunFacts, missing: Callable[[str], bool] = lambda _: True) -> Mapping[str, bytes]:
    """Path in the run folder -> content, of what is missing. Matplotlib is imported only when a picture is."""
    album = Album(facts)
    texts: dict[str, Callable[[], str]] = {
        "report.html": lambda: report_html(facts, album),
        "report.md": lambda: report_markdown(facts),
    }
    made = {name: text().encode() for name, text in texts.items() if missing(name)}
    charts = {c.key: c for section in album.sections() for c in section.charts if c.key in PICTURES}
    wanted = {f"plots/{key.replace('-', '_')}.png": chart for key, chart in charts.items()}
    absent = [name for name in wanted if missing(name)]
    if absent:
        png = importlib.import_module("runner.report.plots").png
        made |= {name: png(wanted[name]) for name in absent}
    return made
