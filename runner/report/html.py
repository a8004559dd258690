"""The report of a run as one HTML file: no network, opens from disk, prints. The answer first, then pictures, tables,
and where it all came from.

Everything that comes from a run is escaped; the same facts give the same bytes, so a report made again is not news.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from runner.report.picture import Picture, browser_spec, draw_svg
from runner.report.sections import Section, Sections
from runner.report.theme import css_variables
from runner.results.document import BenchmarkDocument, ResultRow
from runner.results.metric_values import badness, direction, show
from runner.results.narrative import GATE_TITLES, facts_line, gates_line, headline, paragraphs
from runner.results.provenance import provenance
from runner.results.run_facts import RunFacts
from runner.results.scoreboard import seconds

WIDE: Final = 600
NARROW: Final = 440
"""Widths of the drawings that are seen on paper and where scripts are off."""
Cell = tuple[str, float | None]
"""What a table shows, and the value that it is sorted by."""


def report_html(facts: RunFacts, sections: Sequence[Section] | None = None) -> str:
    """Return the whole page."""
    document = facts.document
    sections = Sections(facts).all() if sections is None else sections
    pictures = [picture for section in sections for picture in section.pictures]
    metrics = list(dict.fromkeys([document.metric, *(m for row in document.results for m in row.scores)]))
    return _templates().get_template("report.html.j2").render(
        document=document,
        headline=headline(document),
        paragraphs=paragraphs(document),
        cards=facts_line(document),
        gates_line=gates_line(document.gates),
        gate_heads=("verdict", *GATE_TITLES[1:]),
        sections=sections,
        svgs={picture.key: _still(picture) for picture in pictures},
        charts={picture.key: browser_spec(picture, "page") for picture in pictures},
        score_heads=["rank", "model", *metrics, "gain"],
        scores=[_score_row(row, document, metrics) for row in document.results],
        costs=[_cost_row(row) for row in document.results],
        params=[(row.model_name, _params(row)) for row in document.results if row.params or row.weights],
        provenance=provenance(facts),
        command=facts.command,
        spec_text=facts.spec_text,
        style=Markup(_style()),
        script=Markup(script()),
        script_hash=_hash(script()),
    )  # fmt: skip


@cache
def script() -> str:
    """Return Vega, Vega-Lite and what the page does with them: the same text for every page, without `</script>`."""
    return str(vl_convert.javascript_bundle(_asset("report.js"))).replace("</script", "<\\/script")


@cache
def _templates() -> Environment:
    loader = PackageLoader("runner.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"broken": allow_breaks, "whole_dates": _whole_dates}
    return environment


def _still(picture: Picture) -> Markup:
    """Return the picture as SVG, in which Vega has escaped every text."""
    return Markup(draw_svg(picture, width=WIDE if picture.wide else NARROW))


def _score_row(row: ResultRow, document: BenchmarkDocument, metrics: Sequence[str]) -> dict[str, Any]:
    name = row.model_name + (" (baseline)" if row.model_name == document.baseline else "")
    best = {metric: _best(document, metric) for metric in metrics}
    values = {metric: row.scores.get(metric) for metric in metrics}
    return {
        "rank": (str(row.rank or "–"), row.rank),
        "name": name,
        "failed": f"failed: {row.reason}" if row.status == "failed" else "",
        "scores": [((show(m, v), v), v is not None and v == best[m]) for m, v in values.items()],
        "gain": (f"{row.gain:+.1%}" if row.gain is not None else "–", row.gain),
    }


def _best(document: BenchmarkDocument, metric: str) -> float | None:
    values = [v for row in document.results if (v := row.scores.get(metric)) is not None]
    return min(values, key=lambda value: badness(value, direction(metric)), default=None)


def _cost_row(row: ResultRow) -> tuple[str, list[Cell]]:
    trials = sum(row.trials.values())
    times = (row.tuning_time, row.training_time, row.prediction_time)
    cells: list[Cell] = [(str(trials or "–"), trials)]
    cells += [(seconds(value) if value else "–", value) for value in times]
    cells += [(f"{value:,}" if value else "–", value) for value in (row.n_samples, row.n_features)]
    return row.model_name, [*cells, (f"{row.fallbacks:,}", row.fallbacks)]


def _params(row: ResultRow) -> dict[str, str]:
    values = {**row.params, **{f"weight of {name}": weight for name, weight in row.weights.items()}}
    values |= {"rounds": row.rounds} if row.rounds else {}
    return {name: f"{value:.6g}" if isinstance(value, float) else str(value) for name, value in values.items()}


def allow_breaks(name: str) -> Markup:
    """Return a name that a browser may break after its underscores, dots and strokes; never a number."""
    return Markup(re.sub(r"([_/=]|(?<!\d)\.|\.(?!\d))(?=\w)", r"\1<wbr>", str(escape(name))))


def _whole_dates(text: Markup) -> Markup:
    """Return the text with dates that a browser does not break at their hyphens."""
    return Markup(re.sub(r"\b(\d{4}-\d\d-\d\d)\b", r'<span class="whole">\1</span>', str(escape(text))))


def _style() -> str:
    dark = f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {css_variables('dark')} }} }}"
    return f":root {{ {css_variables('light')} }}\n{dark}\n{_asset('report.css')}"


def _hash(text: str) -> str:
    """Return the digest by which the page's policy allows its one script."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    return files("runner.report").joinpath("assets", name).read_text("utf-8")
