"""What a finished run shows: its canonical document, the published files, the report and the plots.

All of it is derived from the results, so what is missing can be made again at any time. Light when nothing is missing.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runner.files.atomic import write_bytes
from runner.files.checksum import file_sha256, sha256_of
from runner.progress import Listener, Note
from runner.results.document import BenchmarkDocument
from runner.results.run_facts import DERIVED
from runner.run.session import Session
from runner.store.published import is_published
from runner.store.run import RunFolder
from runner.store.run_facts import run_facts

log = logging.getLogger(__name__)

_MAKERS: Final = {
    "overview": "runner.results.overview:overview_of",
    "artifacts": "runner.report.artifacts:make",
    "publish": "runner.store.published:publish",
}
"""With heavy imports, reached by name."""
SERIES_SCORES: Final = "series_scores.parquet"


def write_artifacts(session: Session, results: BenchmarkDocument, *, redraw: bool, tell: Listener) -> tuple[str, ...]:
    """Make what is missing or says something else than `results`; names what was made.

    `redraw` makes the report and the plots although they are there. A run with overrides has its own folder only.
    """
    made = [] if session.document.overridden else _canonical(session, results)
    return (*made, *_illustrate(session, results, redraw=redraw, tell=tell))


def scores_are_whole(folder: RunFolder) -> bool:
    """Whether the scores by series are what they were when the run ended; the forecasts make them again."""
    path, known = folder.path / SERIES_SCORES, _known(folder) or {}
    return path.is_file() and known.get(SERIES_SCORES) in (None, _sha256(path))


def write_derived(folder: RunFolder, made: Mapping[str, bytes]) -> None:
    """Write derived files, and their digests, by which a damaged one is known."""
    for name, content in made.items():
        write_bytes(folder.path / name, content)
    digests = {name: sha256_of(content) for name, content in made.items()}
    folder.write_document("derived", {**(_known(folder) or {}), **digests})


def _canonical(session: Session, results: BenchmarkDocument) -> list[str]:
    made, store, document = [], session.store, results.model_dump(mode="json")
    if store.benchmark(session.spec.name) != document:
        store.write_benchmark(session.spec.name, document)
        made.append(store.benchmark_path(session.spec.name))
    if not is_published(store, results):
        made.append(_maker("publish")(store, session.folder, results))
    return [path.relative_to(store.root).as_posix() for path in made]


def _illustrate(session: Session, results: BenchmarkDocument, *, redraw: bool, tell: Listener) -> list[str]:
    folder, root = session.folder, session.store.root
    known = _known(folder)
    redraw = redraw or known is None
    wanted = {name: sha256 for name, sha256 in (known or {}).items() if name != SERIES_SCORES}
    spoilt = {name for name, sha256 in wanted.items() if sha256 not in (None, _sha256(folder.path / name))}
    if not redraw and not spoilt and all((folder.path / name).exists() for name in (*wanted, *DERIVED)):
        return []
    if session.panel_folder.exists() and (redraw or folder.document("overview") is None):
        folder.write_document("overview", _maker("overview")(session.panel_folder))
    tell(Note("report    drawing"))
    try:
        facts = run_facts(folder, results)
        made = _maker("artifacts")(facts, lambda name: redraw or name in spoilt or not (folder.path / name).exists())
    except Exception as error:  # a picture that cannot be drawn must not end a run that is done
        log.debug("the report could not be made", exc_info=error)
        return [f"no report: {type(error).__name__}: {error}"]
    if redraw:
        folder.write_document("derived", {SERIES_SCORES: _sha256(folder.path / SERIES_SCORES)})
    write_derived(folder, made)
    return [(folder.path / name).relative_to(root).as_posix() for name in made]


def _known(folder: RunFolder) -> dict[str, str | None] | None:
    """Return derived file -> sha256, or None where no digests are recorded."""
    found = folder.document("derived", (dict, list))
    return {str(name): None for name in found} if isinstance(found, list) else found


def _sha256(path: Path) -> str | None:
    return file_sha256(path) if path.is_file() else None


def _maker(name: str) -> Any:
    module, _, function = _MAKERS[name].partition(":")
    return getattr(importlib.import_module(module), function)
