"""The gates of finished runs: whose results a target names, and verdicts that were unknown, judged again."""

from __future__ import annotations

import importlib
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from runner.errors import BusyError, StoreError, UsageError
from runner.language.find import SUFFIXES
from runner.language.parse import parse
from runner.language.project import find_root
from runner.language.sections.run import Gate
from runner.results.document import BenchmarkDocument, as_results
from runner.run.artifacts import write_derived
from runner.run.gates import Challenger
from runner.run.launch import exit_code
from runner.run.session import read_session
from runner.store.folder import Store
from runner.store.lock import lock
from runner.store.run import RunFolder
from runner.store.run_facts import run_facts
from runner.track.destination import destination, destination_of
from runner.values.section import as_values

log = logging.getLogger(__name__)


def find_challenger(target: str) -> Challenger:
    """Return the results that a spec's path, or a name in the project of the working folder, refers to.

    Raises UsageError when there are none, SpecError and DataError as a run would.
    """
    return _of_spec(Path(target)) if is_spec(target) else _of_name(target)


def is_spec(target: str) -> bool:
    """Return whether a target is a spec's file, and not an experiment's name."""
    return target.endswith(SUFFIXES) or Path(target).is_file()


def recheck_gates(challenger: Challenger, folder: RunFolder) -> bool:
    """Judge gates that were unknown; return whether one has changed, which the run's documents then show.

    Only the latest results of a name are judged. Raises what the registry and the disk raise.
    """
    if challenger.document.run_id != folder.run_id:
        return False
    with suppress(BusyError), lock(challenger.store.lock_path(folder.name)):  # a running one judges at its end
        status, results = folder.status(), _judged(challenger)
        if status is not None and status.state == "finished" and results != challenger.document:
            _write(challenger, folder, results)
            folder.finish(status.model_copy(update={"exit_code": exit_code(results)}))
            return True
    return False


def _judged(challenger: Challenger) -> BenchmarkDocument:
    before = challenger.document.gates
    if all(verdict.verdict != "unknown" for verdict in before):
        return challenger.document
    now = {verdict.gate: verdict for verdict in challenger.verdicts()}
    gates = tuple(now.get(verdict.gate, verdict) if verdict.verdict == "unknown" else verdict for verdict in before)
    return challenger.document.model_copy(update={"gates": gates})


def _write(challenger: Challenger, folder: RunFolder, results: BenchmarkDocument) -> None:
    document = results.model_dump(mode="json")
    folder.write_document("benchmark", document)
    challenger.store.write_benchmark(folder.name, document)
    artifacts: Any = importlib.import_module("runner.report.artifacts")
    try:
        write_derived(folder, artifacts.make(run_facts(folder, results), lambda name: name.startswith("report.")))
    except Exception as error:  # a picture that cannot be drawn must not end a delivery
        log.debug("the report could not be made", exc_info=error)


def _of_spec(path: Path) -> Challenger:
    session = read_session(parse(path))
    document = _document(session.store, session.spec.name)
    if document.run_id != session.run_id:
        raise UsageError(
            f"{path}: the results of {session.spec.name} are of another run ({document.run_id}; now it would be "
            f"{session.run_id}); `run-spec {path}` runs it"
        )
    place = destination(os.environ, session.store.root, session.spec.tracking.server.env)
    return Challenger(session.store, document, session.spec.gates, session.digests, place)


def _of_name(name: str) -> Challenger:
    store = Store(find_root(Path("here")))
    document = _document(store, name)
    folder = store.run(name, document.run_id)
    spec = folder.document("spec.resolved")
    if spec is None:
        raise UsageError(f"{name}: run {document.run_id} has no folder here; name its spec instead")
    digests = (folder.document("environment") or {}).get("data", {})
    gates = tuple(Gate.model_validate(as_values(gate)) for gate in spec["gates"])
    return Challenger(store, document, gates, digests, destination_of(spec, store.root))


def _document(store: Store, name: str) -> BenchmarkDocument:
    document, path = store.benchmark(name), store.benchmark_path(name)
    if document is None and not path.exists():
        if runs := store.tried_out(name):
            reason = f"run {runs[-1].run_id} was made with --set"
            raise UsageError(f"{name}: there are no results in {path}, as {reason}; hint: run its spec without --set")
        raise UsageError(f"{name}: there are no results in {path}; hint: run its spec first")
    try:
        return as_results(document)
    except ValueError:
        raise StoreError(f"{path}: this is not a results document of this version; hint: run its spec again") from None
