"""The report of a run as one HTML file: no network, opens from disk, prints. The answer first, then pictures, tables,
and where it all came from.

Everything that comes from a run is escaped; the same facts give the same bytes, so a report made again is not news.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from importlib.resources import files

from runner.report.chart import Chart, Points, turned
from runner.report.sections import Album, Section
from runner.report.svg import svg
from runner.results.document import BenchmarkDocument, ResultRow
from runner.results.metric_values import badness, direction, show
from runner.results.narrative import GATE_TITLES, facts_line, gates_line, headline, paragraphs
from runner.results.provenance import provenance
from runner.results.run_facts import RunFacts
from runner.results.scoreboard import seconds

NARROW = 360
"""Width of the drawing for a telephone, which is shown in place of the large one."""
MANY = 6
"""Labelled points that find room on half the width."""
PAPER = 700
"""Width of the drawing that is printed over the whole page; beside another, the one for a telephone is."""
WIDE = ("scoreboard", "significance", "parallel", "series", "total")
"""Charts that take the whole width, by the first part of their key."""


def report_html(facts: RunFacts, album: Album | None = None) -> str:
    """The whole page."""
    document = facts.document
    sections = (album or Album(facts)).sections()
    body = "".join(
        (
            _lead(document),
            _gates(document),
            *(_section(section) for section in sections[:1]),
            _heading("scores", "All scores"),
            _scores(document),
            _costs(document),
            _windows(document),
            *(_section(section) for section in sections[1:]),
            _provenance(facts),
        )
    )
    title = escape(f"{document.name}: {headline(document)}")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; img-src data:\">\n"
        f"<title>{title}</title>\n<style>{_asset('report.css')}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n<script>{_asset('report.js')}</script>\n</body>\n</html>\n"
    )


def _lead(document: BenchmarkDocument) -> str:
    cards = "".join(
        f"<div><dt>{escape(title)}</dt><dd>{_broken(value)}</dd></div>" for title, value in facts_line(document)
    )
    about = f"{document.name} · run {document.run_id} · {document.timestamp[:16].replace('T', ' ')} UTC"
    described = f'<p class="eyebrow">{escape(document.description)}</p>' if document.description else ""
    words = "".join(f"<p>{_whole_dates(_broken(text))}</p>" for text in paragraphs(document))
    return (
        f'<header class="lead"><p class="eyebrow">{escape(about)}</p>{described}<h1>{escape(headline(document))}</h1>'
        f'{words}<dl class="cards">{cards}</dl></header>'
    )


def _gates(document: BenchmarkDocument) -> str:
    """The verdicts as the run was judged last, for a spec that has gates."""
    if not document.gates:
        return ""
    rows = "".join(
        f'<tr class="{escape(v.verdict, quote=True)}">'
        + "".join(f'<td class="text">{escape(cell)}</td>' for cell in (v.verdict, v.gate, v.reason))
        + "</tr>"
        for v in document.gates
    )
    heads = ("verdict", *GATE_TITLES[1:])
    table = _table("Gates", heads, rows, "", texts=heads, kind="prose")
    return f"{_heading('gates', 'Gates')}<p>{escape(gates_line(document.gates))}</p>{table}"


def _section(section: Section) -> str:
    alone = _alone(section.charts)
    charts = "".join(_figure(chart, _is_wide(chart) or chart.key in alone) for chart in section.charts)
    return f'{_heading(section.key, section.title)}<div class="charts">{charts}</div>'


def _alone(charts: Iterable[Chart]) -> set[str]:
    """Keys of narrow charts that have no neighbour to stand beside."""
    alone: set[str] = set()
    waiting: Chart | None = None
    for chart in charts:
        if not _is_wide(chart) and waiting is None:
            waiting = chart
            continue
        if _is_wide(chart) and waiting is not None:
            alone.add(waiting.key)
        waiting = None
    return alone | ({waiting.key} if waiting is not None else set())


def _crowded(chart: Chart) -> bool:
    """Whether its axes have more to say than a telephone is wide."""
    return chart.key.startswith("parallel") and len(chart.x.categories) > 3


def _is_wide(chart: Chart) -> bool:
    named = sum(len(mark.labels) for mark in chart.marks if isinstance(mark, Points))
    return chart.key.split("-")[0] in WIDE or named > MANY


def _heading(key: str, title: str) -> str:
    return f'<h2 id="{escape(key, quote=True)}">{escape(title)}</h2>'


def _figure(chart: Chart, whole: bool) -> str:
    wide = ' class="wide"' if whole else ""
    note = f"<figcaption>{escape(chart.note)}</figcaption>" if chart.note else ""
    drawn = f'<div class="large">{svg(chart, 1080 if whole else 540)}</div>'
    drawn += f'<div class="small">{svg(turned(chart) if _crowded(chart) else chart, NARROW)}</div>'
    if whole:
        drawn += f'<div class="paper">{svg(chart, PAPER)}</div>'
    return f"<figure{wide}><h3>{escape(chart.title)}</h3>{drawn}{note}</figure>"


def _scores(document: BenchmarkDocument) -> str:
    metrics = list(dict.fromkeys([document.metric, *(m for row in document.results for m in row.scores)]))
    heads = ["rank", "model", *metrics, "gain"]
    rows = "".join(_score_row(row, document, metrics) for row in document.results)
    note = f"Ranked by {document.metric}; the best value of each column is bold."
    return _table("All scores", heads, rows, note, kind="sortable", texts=("model",))


def _costs(document: BenchmarkDocument) -> str:
    """What each model cost, and how often a simpler rule stood in for it."""
    heads = ["model", "trials", "tuning", "fit", "forecast", "rows learnt from", "features", "fallbacks"]
    rows = "".join(_cost_row(row) for row in document.results)
    note = (
        "Time of all trials, of fitting and of forecasting the test windows. Fallbacks: cells served by a simpler rule."
    )
    table = _table("Costs", heads, rows, note, kind="sortable", texts=("model",))
    return f"<details><summary>What each model cost</summary>{table}</details>"


def _cost_row(row: ResultRow) -> str:
    trials = sum(row.trials.values())
    times = (row.tuning_time, row.training_time, row.prediction_time)
    cells = [_cell(str(trials or "–"), trials)]
    cells += [_cell(seconds(value) if value else "–", value) for value in times]
    cells += [_cell(f"{value:,}" if value else "–", value) for value in (row.n_samples, row.n_features)]
    cells.append(_cell(f"{row.fallbacks:,}", row.fallbacks))
    return f'<tr><td class="text">{_broken(row.model_name)}</td>{"".join(cells)}</tr>'


def _score_row(row: ResultRow, document: BenchmarkDocument, metrics: list[str]) -> str:
    name = row.model_name + (" (baseline)" if row.model_name == document.baseline else "")
    if row.status == "failed":
        reason = escape(f"failed: {row.reason}")
        span = len(metrics) + 1
        return (
            f'<tr><td>–</td><td class="text">{_broken(name)}</td><td class="reason" colspan="{span}">{reason}</td></tr>'
        )
    best = {m: _best(document, m) for m in metrics}
    cells = [_cell(str(row.rank or "–"), row.rank), f'<td class="text">{_broken(name)}</td>']
    for metric in metrics:
        value = row.scores.get(metric)
        cells.append(_cell(show(metric, value), value, best=value is not None and value == best[metric]))
    cells.append(_cell(f"{row.gain:+.1%}" if row.gain is not None else "–", row.gain))
    return f"<tr>{''.join(cells)}</tr>"


def _best(document: BenchmarkDocument, metric: str) -> float | None:
    values = [v for row in document.results if (v := row.scores.get(metric)) is not None]
    return min(values, key=lambda value: badness(value, direction(metric)), default=None)


def _windows(document: BenchmarkDocument) -> str:
    rows = "".join(
        f'<tr><td class="text">{escape(w.name)}</td>'
        f'<td class="text">{escape(_dates(w.first_cutoff, w.last_cutoff))}</td>'
        f"{_cell(str(w.horizon), w.horizon)}{_cell(f'{w.n_cells:,}', w.n_cells)}</tr>"
        for w in document.windows
    )
    heads = ["window", "known until", "steps", "cells scored"]
    table = _table("Windows", heads, rows, "", texts=("window", "known until"))
    return f"<details><summary>Windows</summary>{table}</details>"


def _provenance(facts: RunFacts) -> str:
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in provenance(facts))
    spec = (
        f"<details><summary>The spec</summary><pre>{escape(facts.spec_text)}</pre></details>" if facts.spec_text else ""
    )
    params = "".join(_params(row) for row in facts.document.results if row.params or row.weights)
    return (
        f"{_heading('provenance', 'Where this comes from')}<p>To run it again and compare score by score:</p>"
        f'<pre>{escape(facts.command)}</pre><dl class="facts">{rows}</dl>'
        f"<details><summary>Parameters of the models</summary>{params}</details>{spec}"
    )


def _params(row: ResultRow) -> str:
    values = {**row.params, **{f"weight of {k}": v for k, v in row.weights.items()}}
    if row.rounds:
        values["rounds"] = row.rounds
    pairs = "".join(f"<dt>{escape(k)}</dt><dd>{escape(_plain(v))}</dd>" for k, v in values.items())
    return f'<h3>{escape(row.model_name)}</h3><dl class="facts">{pairs}</dl>'


def _table(label: str, heads: Iterable[str], rows: str, note: str, *, kind: str = "", texts: Iterable[str] = ()) -> str:
    titles = "".join(f'<th scope="col"{_text_class(h in texts)}>{_broken(h)}</th>' for h in heads)
    sort = '<span class="screen"> Click a heading to sort.</span>' if kind == "sortable" else ""
    said = f'<p class="note">{escape(note)}{sort}</p>' if note else ""
    style = f' class="{kind}"' if kind else ""
    return (
        f'{said}<div class="scroll" tabindex="0" role="region" aria-label="{escape(label, quote=True)}"><table{style}>'
        f"<thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _broken(name: str) -> str:
    """A name that a browser may break after its underscores, dots and strokes; never a number."""
    return re.sub(r"([_/=]|(?<!\d)\.|\.(?!\d))(?=\w)", r"\1<wbr>", escape(name))


def _text_class(text: bool) -> str:
    return ' class="text"' if text else ""


def _cell(text: str, value: float | None, *, best: bool = False) -> str:
    kind = ' class="best"' if best else ""
    data = "" if value is None else f' data-value="{value:.10g}"'
    return f"<td{kind}{data}>{escape(text)}</td>"


def _whole_dates(escaped: str) -> str:
    """Dates that a browser does not break at their hyphens."""
    return re.sub(r"\b(\d{4}-\d\d-\d\d)\b", r'<span class="whole">\1</span>', escaped)


def _dates(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _asset(name: str) -> str:
    return files("runner.report").joinpath("assets", name).read_text("utf-8")
