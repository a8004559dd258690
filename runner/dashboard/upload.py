"""A csv of actual and predicted values -> numbers and pictures. Nothing of it is kept."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np

from runner.errors import DataError
from runner.families.metrics import Metric, NonFinite, score
from runner.families.metrics.base import Cells
from runner.language.scalars import shorten
from runner.report.charts.pairs import against, over_rows, spread
from runner.report.picture import Picture
from runner.results.metric_values import show
from runner.results.scored_forecasts import point_metric, single_cells
from runner.values.panel import Floats

ACTUAL: Final = ("actual", "y", "truth", "observed", "target")
PREDICTED: Final = ("predicted", "forecast", "prediction", "yhat", "y_hat")
METRICS: Final = ("wape", "mape", "rmse", "mae", "bias")
MOST_ROWS: Final = 500_000
MOMENT: Final = ("time", "date", "ds", "timestamp")
LARGEST: Final = 1e150
"""The squares of half a million errors of this size still have a sum."""

_COMMA: Final = re.compile(r"[-+]?\d+,\d+")
"""A number as a semicolon csv often has it."""


@dataclass(frozen=True)
class Pairs:
    """Actual and predicted values, row by row."""

    actual: Floats
    predicted: Floats
    labels: tuple[str, ...]  # of a column `time`, `date` or `ds`; else the number of the row
    skipped: int = 0  # rows that lack one of the two, as the future does


def read_pairs(content: bytes) -> Pairs:
    """Return the columns of actual and predicted values. Raises DataError with row, column and value."""
    csv.field_size_limit(1 << 30)  # one for the whole process, and the reader of data sets sets it too
    text = _text(content)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        found, skipped = _found(rows)
    except csv.Error as error:
        raise DataError(f"row {rows.line_num + 1}: this is no csv ({error}); is a quotation mark not closed?") from None
    if not found:
        both = "row with both an actual and a predicted value"
        raise DataError(f"the file has no {both if skipped else 'rows below its heading'}")
    columns = list(zip(*found, strict=True))
    return Pairs(np.array(columns[0], float), np.array(columns[1], float), tuple(map(str, columns[2])), skipped)


def _delimiter(text: str) -> str:
    """Return comma, semicolon or tab: the most frequent one in the heading."""
    heading = re.split(r"[\r\n]", text, maxsplit=1)[0]
    return max(",;\t", key=heading.count)


def _found(rows: csv.DictReader[str]) -> tuple[list[tuple[float, float, str]], int]:
    """Return (actual, predicted, label) of complete rows, and the number of others. Raises csv.Error too."""
    heads = [(head or "").strip() for head in rows.fieldnames or ()]
    actual, predicted = _column(heads, ACTUAL, "actual"), _column(heads, PREDICTED, "predicted")
    moment = next((head for head in heads if head.lower() in MOMENT), None)
    rows.fieldnames = heads
    found: list[tuple[float, float, str]] = []
    skipped = 0
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS:
            raise DataError(f"the file has more than {MOST_ROWS:,} rows; upload a part of it")
        pair = _number(row, actual, number), _number(row, predicted, number)
        if pair[0] is None or pair[1] is None:
            skipped += 1
        else:
            found.append((pair[0], pair[1], str(row.get(moment) or number) if moment else str(number)))
    return found, skipped


def facts(pairs: Pairs) -> list[tuple[str, str]]:
    """Return (title, value) of the figures above the charts, each with its rows when not all."""
    nonzero = int((pairs.actual != 0).sum())
    part = f"mape of {nonzero:,} row{'s' if nonzero != 1 else ''}" if nonzero < len(pairs.actual) else "mape"
    found = [(part if metric == "mape" else metric, show(metric, value)) for metric, value in scores(pairs).items()]
    return [("rows", f"{len(pairs.actual):,}"), *found]


def remarks(pairs: Pairs) -> str:
    """Return what was left out, and why; empty when nothing was."""
    zeros = int((pairs.actual == 0).sum())
    parts = [f"{_rows(pairs.skipped)} left out: no actual or no predicted value."] if pairs.skipped else []
    parts += [f"{_rows(zeros)} not in mape: the actual value is 0."] if zeros else []
    return " ".join(parts)


def _rows(count: int) -> str:
    return f"{count:,} row{'s are' if count != 1 else ' is'}"


def scores(pairs: Pairs) -> dict[str, float | None]:
    """Return metric -> value; None where the actual values do not allow it."""
    cells = single_cells(pairs.actual, pairs.predicted)
    return {kind: _score(point_metric(kind), cells) for kind in METRICS}


def _score(metric: Metric, cells: Cells) -> float | None:
    try:
        with np.errstate(over="ignore"):  # of values so small that a share of them is beyond all numbers
            value = score(metric, [cells])
    except NonFinite:
        return None
    return value if value is not None and math.isfinite(value) else None


def charts(pairs: Pairs) -> list[Picture]:
    """Return values over rows or dates, predicted against actual, and how the errors spread."""
    return [
        over_rows(pairs.actual, pairs.predicted, moments(pairs.labels)),
        against(pairs.actual, pairs.predicted, pairs.labels),
        spread(pairs.predicted - pairs.actual),
    ]


def moments(labels: Sequence[str]) -> tuple[str, ...] | None:
    """Return the labels as ISO times when all are dates in ascending order, as those of one series are."""
    try:
        times = [datetime.fromisoformat(label.strip()) for label in labels]
        ascend = all(a < b for a, b in pairwise(times))
    except (ValueError, TypeError):  # a TypeError for times of which only some have a zone
        return None
    return tuple(moment.isoformat() + ("" if moment.tzinfo else "Z") for moment in times) if ascend else None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"the file is not UTF-8 text (byte {error.start}); save it as csv in UTF-8") from None


def _column(heads: Sequence[str], options: Sequence[str], what: str) -> str:
    match = next((head for name in options for head in heads if head.lower() == name), None)
    if match is None:
        there = ", ".join(shorten(head, 40) for head in heads[:8])
        raise DataError(
            f"no column of {what} values: the file has {there or 'no columns'}; "
            f"name one of them {' or '.join(options[:3])}"
        )
    return match


def _number(row: dict[str, str], column: str, number: int) -> float | None:
    """Return the number; None for an empty cell."""
    text = (row.get(column) or "").strip()
    if not text:
        return None
    try:
        value = math.nan if "_" in text else float(text)  # Python reads 1_0 as ten
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        hint = "; write decimals with a point" if _COMMA.fullmatch(text) else ""
        raise DataError(f"row {number}, column {column}: {text[:40]!r} is no number{hint}")
    if abs(value) > LARGEST:
        raise DataError(f"row {number}, column {column}: {text[:40]!r} is too large to be scored; change its unit")
    return value
