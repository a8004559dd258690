"""The best model of a finished run becomes the champion, or the champion's place goes back to the previous one."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.commands.gates import find_challenger, is_spec
from runner.errors import RunSpecError, StoreError, UsageError
from runner.language.find import named_specs
from runner.language.parse import parse
from runner.language.project import find_root
from runner.results.document import GateVerdict
from runner.results.gates import Found, MuteChampion, NoChampion, together
from runner.run.gates import Challenger
from runner.run.session import now
from runner.store.folder import Store
from runner.track.delivery import deliver, prepare_delivery
from runner.track.destination import Destination, destination, destination_of
from runner.track.events import REGISTERING
from runner.track.settings import load_quietly

if TYPE_CHECKING:
    from runner.track.registry import Move


class RefusedError(RunSpecError):
    """A gate stands in the way of a promotion."""

    exit_code = 6


def promote(target: str, *, first: bool = False) -> tuple[Challenger, tuple[GateVerdict, ...], Move]:
    """Make the best model of a finished run the champion, when every gate is passed.

    `first` lets gates pass that have no champion to compare with yet. Raises RefusedError for a gate that is failed
    or unknown, StoreError when the registry is away, UsageError when there is nothing to promote.
    """
    challenger = find_challenger(target)
    champion = challenger.champion()
    if isinstance(champion, NoChampion) and champion.away:
        raise StoreError(f"{champion.reason}; nothing was promoted")
    verdicts = challenger.verdicts(champion)
    if first:
        verdicts = _pass_as_first(verdicts, challenger, champion)
    _raise_unless_passed(challenger, verdicts, champion)
    best = challenger.document.best()
    if best is None:
        raise UsageError(f"{challenger.name}: no model has a result, so there is nothing to promote")
    _deliver(challenger)
    because = "; ".join(verdict.reason for verdict in verdicts) or "its spec has no gates"
    move: Move = _registry("promote")(
        challenger.place, challenger.name, challenger.document.run_id, best.model_name, because, now()
    )
    return challenger, verdicts, move


def roll_back(target: str) -> Move:
    """Give the champion's place back to the previous one; no results are needed. Raises StoreError, UsageError."""
    name, place = _registered(target)
    move: Move = _registry("roll_back")(place, name, now())
    return move


def _registered(target: str) -> tuple[str, Destination]:
    """Name of the registered model of a spec, or of an experiment, and where its registry is."""
    if is_spec(target):
        document = parse(Path(target))
        server = document.spec.tracking.server
        return document.spec.name, destination(os.environ, document.root, server.env)
    store = Store(find_root(Path("here")))
    found = store.benchmark(target)
    run_id = found.get("run_id") if isinstance(found, dict) else None
    resolved = store.run(target, str(run_id)).document("spec.resolved") if run_id else None
    if resolved is None:
        files = [file for name, file in named_specs() if name == target]
        return _registered(str(files[0])) if len(files) == 1 else (target, destination_of(None, store.root))
    return target, destination_of(resolved, store.root)


def _pass_as_first(
    verdicts: tuple[GateVerdict, ...], challenger: Challenger, champion: Found
) -> tuple[GateVerdict, ...]:
    """Pass the gates that are unknown for lack of a champion. Raises UsageError when there is one."""
    if not isinstance(champion, NoChampion):
        raise UsageError(f"{challenger.name}: version {champion.version} is champion already; promote without --first")
    passed = {"verdict": "passed", "reason": "it is the first champion"}
    return tuple(
        verdict.model_copy(update=passed) if gate.not_worse_than and verdict.verdict == "unknown" else verdict
        for gate, verdict in zip(challenger.gates, verdicts, strict=True)
    )


def _raise_unless_passed(challenger: Challenger, verdicts: tuple[GateVerdict, ...], champion: Found) -> None:
    verdict = together(verdicts)
    if verdict == "passed":
        return
    reason = next(v for v in verdicts if v.verdict == verdict)
    hint = ""
    if isinstance(champion, NoChampion) and verdict == "unknown":
        hint = f"; `run-spec promote {challenger.name} --first` makes the first one"
    if isinstance(champion, MuteChampion) and verdict == "unknown":
        hint = f"; `run-spec promote {challenger.name} --rollback` gives its place to the one before it"
    raise RefusedError(f"{challenger.name}: not promoted: {reason.gate}: {reason.verdict}: {reason.reason}{hint}")


def _deliver(challenger: Challenger) -> None:
    """Deliver the run and register its best model, unless the registry has it."""
    folder = challenger.store.run(challenger.name, challenger.document.run_id)
    delivery = prepare_delivery(folder, challenger.store)
    if delivery is None:
        return  # of another clone: it may be registered all the same
    report = deliver(replace(delivery, snapshot=replace(delivery.snapshot, register="best")), resend=REGISTERING)
    if report.pending:
        raise StoreError(f"{report.message}; nothing was promoted")


def _registry(function: str) -> Any:
    """A function of the registry; MLflow is imported here and not before."""
    return getattr(load_quietly("runner.track.registry"), function)
