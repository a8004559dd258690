"""Facts -> the files that a run leaves to look at, as bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from runner.report.html import report_html
from runner.report.markdown import report_markdown
from runner.report.picture import draw_png
from runner.report.sections import Sections
from runner.results.run_facts import RunFacts

PICTURES: Final = ("scoreboard", "windows", "tradeoff", "steps", "series-best", "series-median", "series-worst")
"""Pictures that are artifacts of their own, by key; those that a run does not have are left out."""


def make(facts: RunFacts, missing: Callable[[str], bool] = lambda _: True) -> Mapping[str, bytes]:
    """Return path in the run folder -> content, of what is missing."""
    sections = Sections(facts).all()
    makers: dict[str, Callable[[], bytes]] = {
        "report.html": lambda: report_html(facts, sections).encode(),
        "report.md": lambda: report_markdown(facts).encode(),
    }
    pictures = {picture.key: picture for section in sections for picture in section.pictures}
    for key in PICTURES:
        if key in pictures:
            makers[f"plots/{key.replace('-', '_')}.png"] = partial(draw_png, pictures[key])
    return {name: content() for name, content in makers.items() if missing(name)}
