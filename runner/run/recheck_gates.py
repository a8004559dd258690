"""Verdicts that stayed open while nobody could be asked, given once that has changed."""

from __future__ import annotations

import importlib
import logging
from contextlib import suppress
from typing import Any

from runner.errors import BusyError
from runner.results.document import BenchmarkDocument
from runner.run.artifacts import write_derived
from runner.run.launch import exit_code
from runner.run.promotion import Candidate
from runner.store.lock import lock
from runner.store.run import RunFolder
from runner.store.run_facts import run_facts

log = logging.getLogger(__name__)


def recheck_gates(chosen: Candidate, folder: RunFolder) -> bool:
    """Whether verdicts at unknown have changed; then they stand in the run's documents, and wait for delivery.

    Only the run that the results of its name are of is judged. Raises what the registry and the disk raise.
    """
    if chosen.document.run_id != folder.run_id:
        return False
    with suppress(BusyError), lock(chosen.store.lock_path(folder.name)):  # a run that goes on judges at its end
        status, results = folder.status(), _judged(chosen)
        if status is not None and status.state == "finished" and results != chosen.document:
            _write(chosen, folder, results)
            folder.finish(status.model_copy(update={"exit_code": exit_code(results)}))
            return True
    return False


def _judged(chosen: Candidate) -> BenchmarkDocument:
    stood = chosen.document.gates
    if all(verdict.verdict != "unknown" for verdict in stood):
        return chosen.document
    found = {verdict.gate: verdict for verdict in chosen.verdicts()}
    gates = tuple(found.get(before.gate, before) if before.verdict == "unknown" else before for before in stood)
    return chosen.document.model_copy(update={"gates": gates})


def _write(chosen: Candidate, folder: RunFolder, results: BenchmarkDocument) -> None:
    document = results.model_dump(mode="json")
    folder.write_document("benchmark", document)
    chosen.store.write_benchmark(folder.name, document)
    artifacts: Any = importlib.import_module("runner.report.artifacts")
    try:
        write_derived(folder, artifacts.make(run_facts(folder, results), lambda name: name.startswith("report.")))
    except Exception as error:  # a picture that cannot be drawn must not end a delivery
        log.debug("the report could not be made", exc_info=error)
