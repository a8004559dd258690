"""A spec -> an outcome: run it, resume it, or recognize that it is finished.

Light: the stages that need pandas, the model libraries or MLflow are imported when they are reached.
"""

from __future__ import annotations

import importlib
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from runner.errors import Interrupted, RunSpecError
from runner.families.engines.stop import Stop
from runner.files.log import write_log
from runner.language.parse import Document
from runner.lint.engine import judge
from runner.progress import Listener, Note, silent
from runner.results.document import BenchmarkDocument, as_results
from runner.run.artifacts import scores_are_whole, write_artifacts
from runner.run.gates import Challenger
from runner.run.session import Session, now, open_session
from runner.track.delivery import deliver, prepare_delivery
from runner.track.destination import destination
from runner.track.live import LiveDelivery
from runner.values.section import FrozenMap

log = logging.getLogger(__name__)

SECONDS_AFTER_A_SIGNAL: Final = 8.0
"""How long a run that was interrupted or has failed may deliver what it has."""

LOST: Final = "made again from what the run's name stands for; its Python, platform and commit are not known any more"
"""Of an environment."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    exit_code: int
    document: BenchmarkDocument
    folder: Path
    benchmark: Path | None  # the canonical document; None for a run with overrides
    fresh: bool  # False when an earlier command had finished it
    notes: tuple[str, ...] = ()


def launch(
    document: Document,
    overrides: tuple[str, ...] = (),
    *,
    force: bool = False,
    defer_gates: bool = False,
    tell: Listener = silent,
    stop: Stop | None = None,
) -> Outcome:
    """Run a spec as far as it is not done yet. Raises RunSpecError, with everything finished kept.

    With `defer_gates` a failed gate is written down and does not count in the exit code.
    """
    for advice in judge(document):
        tell(Note(str(advice), "warning"))
    with open_session(document, overrides, lambda damage: tell(Note(str(damage), "warning"))) as session:
        destination(os.environ, session.store.root, session.spec.tracking.server.env)  # raises before the work starts
        if force:
            session.folder.archive()
        if (news := session.news()) is not None:
            tell(Note(news))
        finished = _finished_results(session)
        results = _update_verdicts(session, finished or _run(session, tell, Stop() if stop is None else stop))
        restored = _restore_documents(session, tell)
        written = (*restored, *write_artifacts(session, results, redraw=results != finished, tell=tell))
        notes = tuple(f"gate {gate.verdict}: {gate.gate}: {gate.reason}" for gate in results.gates)
        if finished is not None:
            notes = (*notes, *(f"made again: {name}" for name in written))
        notes = (*notes, *_deliver(session, tell))
        canonical = None if document.overridden else session.store.benchmark_path(session.spec.name)
        code = exit_code(results, gates=not defer_gates)
        return Outcome(code, results, session.folder.path, canonical, finished is None, notes)


def exit_code(results: BenchmarkDocument, *, gates: bool = True) -> int:
    """Return 0; 3 when a model is missing from the scoreboard, 4 when no tuned model is there, 6 for a failed gate."""
    tuned = [row for row in results.results if row.trials]
    if tuned and all(row.status == "failed" for row in tuned):
        return 4
    if any(row.status == "failed" for row in results.results):
        return 3
    return 6 if gates and any(gate.verdict == "failed" for gate in results.gates) else 0


def _update_verdicts(session: Session, results: BenchmarkDocument) -> BenchmarkDocument:
    """Return the results with the verdicts on the gates as of now, and write down what has changed.

    Gates, tags and budget are not part of the run id, so the spec that a finished run keeps may be older.
    """
    resolved = session.spec.model_dump(mode="json")
    if session.folder.document("spec.resolved") != resolved or not (session.folder.path / "spec.yaml").is_file():
        session.folder.write_spec(session.document.text, resolved)
    place = destination(os.environ, session.store.root, session.spec.tracking.server.env)
    verdicts = Challenger(session.store, results, session.spec.gates, session.digests, place).verdicts()
    if verdicts != results.gates:
        results = results.model_copy(update={"gates": verdicts})
        session.folder.write_document("benchmark", results.model_dump(mode="json"))
    status = session.folder.status()
    if status is not None:  # a run made with --set belongs to the experiment once its spec says the same
        overrides = status.overrides if session.document.overridden else ()
        updated = status.model_copy(update={"exit_code": exit_code(results), "overrides": overrides})
        if updated != status:
            session.folder.finish(updated)
    return results


def _restore_documents(session: Session, tell: Listener) -> tuple[str, ...]:
    """Write plan and environment where they are missing or damaged; return the files written."""
    written, folder = [], session.folder
    if folder.document("plan") is None:
        written.append(folder.write_document("plan", _plan_document(session)))
    if folder.document("environment") is None:
        written.append(folder.write_document("environment", session.proven_environment()))
        tell(Note(f"{written[-1]}: {LOST}", "warning"))
    return tuple(path.relative_to(session.store.root).as_posix() for path in written)


def _plan_document(session: Session) -> dict[str, Any]:
    """Return the document of a run's plan, which follows from spec and data alone."""
    plan_session = importlib.import_module("runner.run.prepare").plan_session
    document: dict[str, Any] = importlib.import_module("runner.run.plan_text").plan_document(plan_session(session))
    return document


def _run(session: Session, tell: Listener, stop: Stop) -> BenchmarkDocument:
    status = session.begin()
    session.folder.write_spec(session.document.text, session.spec.model_dump(mode="json"))
    session.folder.write_document("environment", session.environment())
    handler = write_log(session.folder.log_path)
    ending: dict[str, Any] = {"state": "failed", "exit_code": 5}
    try:
        log.info("run %s begins, pid %s", session.run_id, status.pid)
        pipeline = importlib.import_module("runner.run.pipeline")  # before the thread that imports MLflow
        with LiveDelivery(session.folder, session.store, tell):
            results: BenchmarkDocument = pipeline.run(session, tell, stop)
        budget = FrozenMap(session.budget)
        budgets = (*(done for done in status.budgets if done != budget), budget)
        ending = {"state": "finished", "exit_code": exit_code(results), "budgets": budgets}
        ending["missing"] = tuple(row.model_name for row in results.results if row.status == "failed")
        return results
    except Interrupted as error:
        ending = {"state": "interrupted", "exit_code": error.code}
        raise
    except KeyboardInterrupt:  # while the data is read, before signals are listened to
        ending = {"state": "interrupted", "exit_code": 130}
        raise
    except RunSpecError as error:
        ending = {"state": "failed", "exit_code": error.exit_code}
        raise
    except Exception:
        log.exception("run %s ended by an error in the program", session.run_id)
        raise
    finally:
        log.info("run %s ends: %s, exit code %s", session.run_id, ending["state"], ending["exit_code"])
        logging.getLogger().removeHandler(handler)
        handler.close()
        session.folder.finish(status.model_copy(update={**ending, "finished": now(), "pid": None}))
        if ending["state"] != "finished" and session.folder.models():  # nothing to deliver before its first trial
            with suppress(RunSpecError):  # the error that ended the run is the one to report
                _deliver(session, tell, SECONDS_AFTER_A_SIGNAL)


def _finished_results(session: Session) -> BenchmarkDocument | None:
    """Return the results of a finished run; None when they, or their sources, are damaged, missing or older.

    Then the run resumes: what is recorded is not fitted again.
    """
    if session.finished() is None:
        return None
    try:
        results = as_results(session.folder.document("benchmark"))
    except ValidationError:
        return None
    fitted = {row.model_name for row in results.results if row.status == "ok"}
    folder = session.folder
    whole = not fitted or (fitted <= folder.results().keys() and bool(folder.finals()) and scores_are_whole(folder))
    return results if whole else None


def _deliver(session: Session, tell: Listener, seconds: float | None = None) -> tuple[str, ...]:
    """Deliver what is pending; a failure of tracking is a note and never an error."""
    delivery = prepare_delivery(session.folder, session.store)
    if delivery is None or not delivery.pending:
        return ()
    tell(Note(f"tracking  delivering {delivery.pending} events"))
    report = deliver(delivery, seconds)
    if report.message:
        tell(Note(report.message, "warning"))
    return (f"tracking  {report.run_url}",) if report.run_url else ()
