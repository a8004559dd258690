"""Compare results documents in one table: which model is best where, by how much, and at what cost.

MLflow is imported only when the documents come from it.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from runner.errors import StoreError, UsageError
from runner.files.documents import parse_json
from runner.files.tables import escape_rows, markdown_table, text_table
from runner.language.parse import parse
from runner.language.scalars import shorten
from runner.results.document import HEADLINE, BenchmarkDocument, ResultRow, as_results
from runner.results.metric_values import show
from runner.store.folder import Store, is_run_id
from runner.track.destination import destination
from runner.track.settings import load_quietly

Source = Literal["files", "mlflow"]
Form = Literal["text", "json", "csv", "markdown"]
Reader = Callable[[], BenchmarkDocument]
_EMPTY: Final = ""
_WIDEST: Final = 60
_WORDS: Final = ("experiment", "run", "model", "ranked by")
_BASELINE: Final = " (baseline)"


@dataclass(frozen=True)
class Row:
    """One model of one run of one experiment."""

    experiment: str
    run_id: str
    timestamp: str  # UTC, ISO 8601, of the end of the run
    dataset: str
    model: str
    kind: str
    rank: int | None
    status: str
    reason: str | None
    baseline: str
    metric: str  # the one ranked by
    score: float | None
    gain: float | None  # share by which it is better than the baseline
    p_value: float | None  # of the difference to the experiment's best model
    significant: bool | None
    scores: dict[str, float | None]
    n_cells: int
    test_looks: int
    trials: int
    tuning_seconds: float
    training_seconds: float
    prediction_seconds: float


def compare(
    root: Path,
    targets: Sequence[str],
    *,
    source: Source = "files",
    every: bool = False,
    on_broken: Callable[[StoreError], None] | None = None,
) -> tuple[Row, ...]:
    """Return the rows of specs, experiments, run ids or results documents; of all experiments without targets.

    With `every`, of all runs of an experiment, not only of its latest. A document that cannot be read goes to
    `on_broken`, or is raised without it. Raises UsageError for a target without results, StoreError when MLflow cannot
    be reached.
    """
    find = _Files(root) if source == "files" else _Server(root)
    readers = [reader for target in targets for reader in _readers(find, _experiment_of(target), every)]
    if not targets:
        readers = [reader for name in find.names() for reader in find.documents(name, every)]
    documents = [document for reader in readers for document in _readable(reader, on_broken)]
    unique = {(document.name, document.run_id, document.timestamp): document for document in documents}
    return tuple(row for document in unique.values() for row in rows(document))


def rows(document: BenchmarkDocument) -> Iterator[Row]:
    """Yield one row for each model, best first."""
    tests = {comparison.model: comparison for comparison in document.comparisons}
    for row in document.results:
        test = tests.get(row.model_name)
        yield Row(
            experiment=document.name,
            run_id=document.run_id,
            timestamp=document.timestamp,
            dataset=row.dataset_name,
            model=row.model_name,
            kind=row.kind,
            rank=row.rank,
            status=row.status,
            reason=row.reason,
            baseline=document.baseline,
            metric=document.metric,
            score=row.scores.get(document.metric),
            gain=row.gain,
            p_value=test.p_value if test else None,
            significant=test.significant if test and test.p_value is not None else None,
            scores=_scores(row),
            n_cells=row.n_cells,
            test_looks=document.test_looks,
            trials=sum(row.trials.values()),
            tuning_seconds=row.tuning_time,
            training_seconds=row.training_time,
            prediction_seconds=row.prediction_time,
        )


def write_table(table: Sequence[Row], form: Form) -> str:
    """Return the table; csv and json have every column, text and Markdown those that fit a page."""
    if form == "json":
        return _visible(json.dumps([_plain(row) for row in table], indent=2, ensure_ascii=False))
    if form == "csv":
        return _csv(table)
    titles, cells = _page(table)
    if form == "markdown":
        return markdown_table(titles, escape_rows(cells))
    figures = {number for number, title in enumerate(titles) if title not in _WORDS}
    return "\n".join(text_table([titles, *cells], right=figures))


class _Files:
    """Documents below `results/`."""

    def __init__(self, root: Path) -> None:
        self._store = Store(root, read_only=True)

    def names(self) -> list[str]:
        """Return the experiments that have a results document."""
        names = self._store.benchmark_names()
        if not names:
            raise UsageError("there are no results yet; hint: run-spec SPEC")
        return list(names)

    def documents(self, target: str, every: bool) -> list[Reader]:
        """Return readers of the documents of an experiment, a run id, or a file."""
        if target.endswith(".json"):
            return [partial(_read, Path(target))]
        if is_run_id(target):
            paths = [self._store.run(name, target).path / "benchmark.json" for name in self._store.names()]
        elif every:
            paths = [folder.path / "benchmark.json" for folder in self._store.runs(target)]
        else:
            paths = [self._store.benchmark_path(target)]
        return [partial(_read, path) for path in paths if path.is_file()]

    def absent(self, target: str) -> str:
        """Return the error for a target without results."""
        if target in self._store.names() and (runs := self._store.tried_out(target)):
            return (
                f"{target}: there are no results, as run {runs[-1].run_id} was made with --set; "
                f"hint: run-spec compare --runs {target}"
            )
        return f"{target}: there are no results; hint: run-spec SPEC"


class _Server:
    """Documents that were delivered to MLflow."""

    def __init__(self, root: Path) -> None:
        self._place = destination(os.environ, root)
        self._history: Any = load_quietly("runner.track.documents")

    def names(self) -> list[str]:
        """Return the experiments of run-spec on the server."""
        names: list[str] = self._history.experiments(self._place)
        return names

    def documents(self, target: str, every: bool) -> list[Reader]:
        """Return readers of the documents of an experiment or a run id."""
        run_id = target if is_run_id(target) else None
        texts = self._history.documents(self._place, None if run_id else target, run_id, every)
        return [partial(_parsed, text, f"{self._place.label}: {target}") for text in texts]

    def absent(self, target: str) -> str:
        """Return the error for a target without results."""
        return f"{self._place.label}: there are no results of {target}; hint: run-spec sync"


def _experiment_of(target: str) -> str:
    """Return the experiment of a spec's file; any other target as it is."""
    return parse(Path(target)).spec.name if target.endswith((".yaml", ".yml")) else target


def _readers(find: _Files | _Server, target: str, every: bool) -> list[Reader]:
    """Return readers of a target's documents. Raises UsageError when there are none."""
    readers = find.documents(target, every)
    if not readers:
        raise UsageError(find.absent(target))
    return readers


def _readable(read: Reader, on_broken: Callable[[StoreError], None] | None) -> Iterator[BenchmarkDocument]:
    """Yield the document, or nothing when it cannot be read and `on_broken` was called."""
    try:
        yield read()
    except StoreError as error:
        if on_broken is None:
            raise
        on_broken(error)


def _read(path: Path) -> BenchmarkDocument:
    try:
        return _parsed(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None


def _parsed(text: bytes, where: str) -> BenchmarkDocument:
    try:
        return as_results(parse_json(text))
    except ValueError:
        raise StoreError(f"{where}: this is not a results document of this version; hint: run its spec again") from None


def _scores(row: ResultRow) -> dict[str, float | None]:
    return {**{name: getattr(row, name) for name in HEADLINE}, **row.scores}


def _plain(row: Row) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _csv(table: Sequence[Row]) -> str:
    metrics = _metrics(table)
    names = [field.name for field in fields(Row) if field.name != "scores"]
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([*names, *map(_field, metrics)])
    for row in table:
        writer.writerow(
            [*(_field(getattr(row, name)) for name in names), *(_field(row.scores.get(m)) for m in metrics)]
        )
    return sink.getvalue().rstrip("\n")


def _field(value: Any) -> Any:
    if isinstance(value, str):
        return _visible(value).replace("\n", "\\n")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def _visible(text: str) -> str:
    """Return the text with control characters, except line ends, escaped as in JSON."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def _metrics(table: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in table for name in row.scores))


def _page(table: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    several = len({row.experiment for row in table}) < len({(row.experiment, row.run_id) for row in table})
    titles = ["experiment", *(["run"] if several else []), "", "model", "ranked by", "score", *HEADLINE]
    titles += ["gain", "p", "trials", "seconds"]
    return titles, [[shorten(cell, _WIDEST) for cell in _cells(row, several)] for row in table]


def _cells(row: Row, several: bool) -> list[str]:
    head = [row.experiment, *([row.run_id] if several else []), str(row.rank or "-")]
    name = shorten(row.model, _WIDEST - len(_BASELINE)) + (_BASELINE if row.model == row.baseline else "")
    if row.status == "failed":
        return [*head, name, row.metric, "failed", *(_EMPTY for _ in HEADLINE), *(_EMPTY for _ in range(4))]
    return [
        *head,
        name,
        row.metric,
        show(row.metric, row.score),
        *(show(metric, row.scores.get(metric)) for metric in HEADLINE),
        f"{row.gain:+.1%}" if row.gain is not None else _EMPTY,
        f"{row.p_value:.2g}{' *' if row.significant else ''}" if row.p_value is not None else _EMPTY,
        str(row.trials or _EMPTY),
        f"{row.tuning_seconds + row.training_seconds + row.prediction_seconds:.1f}",
    ]
