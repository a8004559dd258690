"""What a finished run shows: its canonical document, the published files, the report and the plots.

All of it is derived from the results, so what is missing can be made again at any time. Light when nothing is missing.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any, Final

from runner.dvc.outputs import is_published
from runner.progress import Listener, Note
from runner.report.document import BenchmarkDocument
from runner.report.run_facts import DERIVED
from runner.session import Session
from runner.store.atomic import write_bytes
from runner.store.run_facts import run_facts

log = logging.getLogger(__name__)

_MAKERS: Final = {
    "overview": "runner.report.overview:overview_of",
    "artefacts": "runner.report.artefacts:make",
    "publish": "runner.dvc.outputs:publish",
}
"""With heavy imports, reached by name."""


def make(session: Session, results: BenchmarkDocument, *, anew: bool, tell: Listener) -> tuple[str, ...]:
    """Make what is missing or says something else than `results`; names what was made.

    `anew` makes the report and the plots although they are there. A run with overrides has its own folder only.
    """
    made = [] if session.document.overridden else _canonical(session, results)
    return (*made, *_illustrate(session, results, anew=anew, tell=tell))


def _canonical(session: Session, results: BenchmarkDocument) -> list[str]:
    made, store, document = [], session.store, results.model_dump(mode="json")
    if store.benchmark(session.spec.name) != document:
        store.write_benchmark(session.spec.name, document)
        made.append(store.benchmark_path(session.spec.name))
    if not is_published(store, results):
        made.append(_maker("publish")(store, session.folder, results))
    return [path.relative_to(store.root).as_posix() for path in made]


def _illustrate(session: Session, results: BenchmarkDocument, *, anew: bool, tell: Listener) -> list[str]:
    folder, root = session.folder, session.store.root
    known = folder.document("derived") or DERIVED
    if not anew and all((folder.path / name).exists() for name in known):
        return []
    if session.panel_folder.exists() and (anew or folder.document("overview") is None):
        folder.write_document("overview", _maker("overview")(session.panel_folder))
    tell(Note("report    drawing"))
    try:
        made = _maker("artefacts")(run_facts(folder, results), lambda name: anew or not (folder.path / name).exists())
    except Exception as error:  # a picture that cannot be drawn must not end a run that is done
        log.debug("the report could not be made", exc_info=error)
        return [f"no report: {type(error).__name__}: {error}"]
    for name, content in made.items():
        write_bytes(folder.path / name, content)
    if anew or set(made) - set(known):
        folder.write_document("derived", list(dict.fromkeys([*made] if anew else [*known, *made])))
    return [(folder.path / name).relative_to(root).as_posix() for name in made]


def _maker(name: str) -> Any:
    module, _, function = _MAKERS[name].partition(":")
    return getattr(importlib.import_module(module), function)
