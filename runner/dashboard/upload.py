"""A csv of actual and predicted values -> numbers and charts. Nothing of it is kept."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from runner.errors import DataError
from runner.panel import Floats
from runner.report.chart import Axis, Bars, Chart, Line, Points, Rule
from runner.spec.scalars import shorten

ACTUAL: Final = ("actual", "y", "truth", "observed", "target")
PREDICTED: Final = ("predicted", "forecast", "prediction", "yhat", "y_hat")
MOST_ROWS: Final = 500_000
LARGEST: Final = 1e150
"""The squares of half a million errors of this size still have a sum."""


@dataclass(frozen=True)
class Pairs:
    """Actual and predicted values, row by row."""

    actual: Floats
    predicted: Floats
    labels: tuple[str, ...]  # of a column `time`, `date` or `ds`; else the number of the row


def read_pairs(content: bytes) -> Pairs:
    """The columns of actual and predicted values. Raises DataError with row, column and value."""
    csv.field_size_limit(1 << 30)  # one for the whole process, and the reader of data sets sets it too
    rows = csv.DictReader(io.StringIO(_text(content), newline=""))
    try:
        found = _found(rows)
    except csv.Error as error:
        raise DataError(f"row {rows.line_num + 1}: this is no csv ({error}); is a quotation mark not closed?") from None
    if not found:
        raise DataError("the file has no rows below its heading")
    columns = list(zip(*found, strict=True))
    return Pairs(np.array(columns[0], float), np.array(columns[1], float), tuple(map(str, columns[2])))


def _found(rows: csv.DictReader[str]) -> list[tuple[float, float, str]]:
    """(actual, predicted, label) of each row. Raises csv.Error too."""
    heads = [(head or "").strip() for head in rows.fieldnames or ()]
    actual, predicted = _column(heads, ACTUAL, "actual"), _column(heads, PREDICTED, "predicted")
    moment = next((head for head in heads if head.lower() in ("time", "date", "ds", "timestamp")), None)
    rows.fieldnames = heads
    found: list[tuple[float, float, str]] = []
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS:
            raise DataError(f"the file has more than {MOST_ROWS:,} rows; upload a part of it")
        pair = _number(row, actual, number), _number(row, predicted, number)
        found.append((*pair, str(row.get(moment) or number) if moment else str(number)))
    return found


def scores(pairs: Pairs) -> dict[str, float | None]:
    """Metric -> value; None where the actual values do not allow it."""
    errors = pairs.predicted - pairs.actual
    size = float(np.abs(pairs.actual).sum())
    nonzero = pairs.actual != 0
    with np.errstate(over="ignore"):  # of values so small that a share of them is beyond all numbers
        shares = np.abs(errors[nonzero]) / np.abs(pairs.actual[nonzero])
        found = {
            "wape": float(np.abs(errors).sum() / size) if size else math.nan,
            "mape": float(shares.mean()) if len(shares) else math.nan,
            "rmse": float(np.sqrt((errors**2).mean())),
            "mae": float(np.abs(errors).mean()),
            "bias": float(errors.sum() / size) if size else math.nan,
        }
    return {metric: value if math.isfinite(value) else None for metric, value in found.items()}


def charts(pairs: Pairs) -> list[Chart]:
    """Values over rows, predicted against actual, and how the errors are spread."""
    x = tuple(range(1, len(pairs.actual) + 1))
    step = max(1, len(x) // 2000)
    over = Chart(
        "upload-lines",
        "Actual and predicted",
        Axis("row"),
        Axis("value"),
        (
            Line("actual", x[::step], _list(pairs.actual[::step]), "ink"),
            Line("predicted", x[::step], _list(pairs.predicted[::step]), "blue", "dash"),
        ),
        f"Every {step}th row." if step > 1 else "",
    )
    low, high = (
        float(min(pairs.actual.min(), pairs.predicted.min())),
        float(max(pairs.actual.max(), pairs.predicted.max())),
    )
    against = Chart(
        "upload-scatter",
        "Predicted against actual",
        Axis("actual"),
        Axis("predicted"),
        (
            Line("equal", (low, high), (low, high), "muted", "dash", width=1),
            Points("rows", _list(pairs.actual[::step]), _list(pairs.predicted[::step]), "blue", pairs.labels[::step]),
        ),
    )
    errors = pairs.predicted - pairs.actual
    ends = (float(errors.min()), float(errors.max()))
    if ends[1] - ends[0] < 1e-9 * max(1.0, *map(abs, ends)):  # all alike, but for rounding
        ends = (ends[0] - 0.5, ends[1] + 0.5)
    counts, edges = np.histogram(errors, bins=min(31, max(5, len(x) // 5)), range=ends)
    bars = Bars("errors", _list((edges[:-1] + edges[1:]) / 2), _list(counts), ("blue",) * len(counts))
    spread = (bars, Rule("x", 0.0, "muted"))
    return [
        over,
        against,
        Chart("upload-errors", "Errors", Axis("predicted − actual"), Axis("rows", zero=True), spread),
    ]


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"the file is not UTF-8 text (byte {error.start}); save it as csv in UTF-8") from None


def _column(heads: Sequence[str], known: Sequence[str], what: str) -> str:
    found = next((head for name in known for head in heads if head.lower() == name), None)
    if found is None:
        there = ", ".join(shorten(head, 40) for head in heads[:8])
        raise DataError(
            f"no column of {what} values: the file has {there or 'no columns'}; "
            f"name one of them {' or '.join(known[:3])}"
        )
    return found


def _number(row: dict[str, str], column: str, number: int) -> float:
    text = (row.get(column) or "").strip()
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"row {number}, column {column}: {text[:40]!r} is no number")
    if abs(value) > LARGEST:
        raise DataError(f"row {number}, column {column}: {text[:40]!r} is too large to be scored; change its unit")
    return value


def _list(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
