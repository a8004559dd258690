"""Results documents -> one table over experiments: who won where, by how much, how surely, and at what cost.

Light with files; MLflow is imported only when the documents are asked of it.
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
    """The rows of specs, experiments, run ids or results documents; of the whole portfolio when none is named.

    With `every`, of all runs of an experiment and not of its latest alone. A document that cannot be read is told to
    `on_broken` and left out, or raised when nobody is to be told. Raises UsageError for a target that has no results,
    StoreError when MLflow cannot be asked.
    """
    find = _Files(root) if source == "files" else _Server(root)
    readers = [reader for target in targets for reader in _present(find, _meant(target), every)]
    if not targets:
        readers = [reader for name in find.names() for reader in find.documents(name, every)]
    found = [document for reader in readers for document in _sound(reader, on_broken)]
    unique = {(document.name, document.run_id, document.timestamp): document for document in found}
    return tuple(row for document in unique.values() for row in rows(document))


def rows(document: BenchmarkDocument) -> Iterator[Row]:
    """One row a model, best first."""
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


def write(found: Sequence[Row], form: Form) -> str:
    """The table in one of the forms; csv and json hold every column, text and Markdown what fits a page."""
    if form == "json":
        return _visible(json.dumps([_plain(row) for row in found], indent=2, ensure_ascii=False))
    if form == "csv":
        return _csv(found)
    titles, cells = _page(found)
    if form == "markdown":
        return markdown_table(titles, escape_rows(cells))
    figures = {number for number, title in enumerate(titles) if title not in _WORDS}
    return "\n".join(text_table([titles, *cells], right=figures))


class _Files:
    """Documents below `results/`."""

    def __init__(self, root: Path) -> None:
        self._store = Store(root, read_only=True)

    def names(self) -> list[str]:
        """Experiments that have a results document."""
        found = self._store.benchmark_names()
        if not found:
            raise UsageError("there are no results yet; `run-spec SPEC` makes some")
        return list(found)

    def documents(self, target: str, every: bool) -> list[Reader]:
        """What reads those of an experiment, a run id, or a file."""
        if target.endswith(".json"):
            return [partial(_read, Path(target))]
        if is_run_id(target):
            found = [self._store.run(name, target).path / "benchmark.json" for name in self._store.names()]
        elif every:
            found = [folder.path / "benchmark.json" for folder in self._store.runs(target)]
        else:
            found = [self._store.benchmark_path(target)]
        return [partial(_read, path) for path in found if path.is_file()]

    def absent(self, target: str) -> str:
        """What to say of a target without results."""
        if target in self._store.names() and (tried := self._store.tried_out(target)):
            return (
                f"there are no results of {target} here: run {tried[-1].run_id} was made with --set, and such a run "
                f"writes its own folder only; `run-spec compare --runs {target}` shows it"
            )
        return f"there are no results of {target} here; `run-spec SPEC` makes them"


class _Server:
    """Documents that were delivered to MLflow."""

    def __init__(self, root: Path) -> None:
        self._place = destination(os.environ, root)
        self._history: Any = load_quietly("runner.track.documents")

    def names(self) -> list[str]:
        """Experiments of ours there."""
        found: list[str] = self._history.experiments(self._place)
        return found

    def documents(self, target: str, every: bool) -> list[Reader]:
        """What reads those of an experiment or a run id."""
        run_id = target if is_run_id(target) else None
        texts = self._history.documents(self._place, None if run_id else target, run_id, every)
        return [partial(_parsed, text, f"{self._place.label}: {target}") for text in texts]

    def absent(self, target: str) -> str:
        """What to say of a target without results."""
        return f"{self._place.label}: there are no results of {target} there; `run-spec sync` delivers"


def _meant(target: str) -> str:
    """The experiment of a spec; any other target as it is."""
    return parse(Path(target)).spec.name if target.endswith((".yaml", ".yml")) else target


def _present(find: _Files | _Server, target: str, every: bool) -> list[Reader]:
    """What reads the documents of a target, of which there must be one."""
    found = find.documents(target, every)
    if not found:
        raise UsageError(find.absent(target))
    return found


def _sound(read: Reader, on_broken: Callable[[StoreError], None] | None) -> Iterator[BenchmarkDocument]:
    """The document, or nothing when it cannot be read and somebody was told."""
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
        raise StoreError(f"{where}: this is not a results document of this version; run the spec again") from None


def _scores(row: ResultRow) -> dict[str, float | None]:
    return {**{name: getattr(row, name) for name in HEADLINE}, **row.scores}


def _plain(row: Row) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _csv(found: Sequence[Row]) -> str:
    metrics = _metrics(found)
    names = [field.name for field in fields(Row) if field.name != "scores"]
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([*names, *map(_field, metrics)])
    for row in found:
        writer.writerow(
            [*(_field(getattr(row, name)) for name in names), *(_field(row.scores.get(m)) for m in metrics)]
        )
    return sink.getvalue().rstrip("\n")


def _field(value: Any) -> Any:
    if isinstance(value, str):
        return _visible(value).replace("\n", "\\n")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def _visible(text: str) -> str:
    """The text with what steers a terminal, but for line ends, as JSON escapes it: a string of JSON stays the same."""
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)


def _metrics(found: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in found for name in row.scores))


def _page(found: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    several = len({row.experiment for row in found}) < len({(row.experiment, row.run_id) for row in found})
    titles = ["experiment", *(["run"] if several else []), "", "model", "ranked by", "score", *HEADLINE]
    titles += ["gain", "p", "trials", "seconds"]
    return titles, [[shorten(cell, _WIDEST) for cell in _cells(row, several)] for row in found]


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
