"""A finished run before its gates, and the way to the champion's place.

Light until the registry is asked, and it is asked only for a gate that needs a champion, and for a promotion.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import RunSpecError, StoreError, UsageError
from runner.language.find import SUFFIXES, named_specs
from runner.language.parse import parse
from runner.language.project import find_root
from runner.language.sections.run import Gate
from runner.results.document import BenchmarkDocument, GateVerdict, as_results
from runner.results.gates import Found, MuteChampion, NoChampion, judge, needs_champion, together
from runner.run.session import now, read_session
from runner.store.folder import Store
from runner.track.delivery import pack, send
from runner.track.destination import Destination, destination
from runner.track.events import REGISTERING
from runner.track.mapping import safe_key
from runner.track.places import place_of
from runner.track.tags import DATA
from runner.values.section import as_values

if TYPE_CHECKING:
    from runner.track.registry import Move

_NOT_NEEDED = NoChampion("no gate asks for a champion")


class RefusedError(RunSpecError):
    """A gate stands in the way of a promotion."""

    exit_code = 6


@dataclass(frozen=True)
class Candidate:
    """The results that are judged, and where their champion is looked for."""

    store: Store
    document: BenchmarkDocument
    gates: tuple[Gate, ...]
    digests: Mapping[str, str]  # what the run has read -> sha256
    place: Destination

    @property
    def name(self) -> str:
        return self.document.name

    def champion(self) -> Found:
        """The champion as it is now."""
        find: Callable[[Destination, str], Found] = _registry("find_champion")
        return find(self.place, self.name)

    def verdicts(self, champion: Found | None = None) -> tuple[GateVerdict, ...]:
        """On each gate as things stand now."""
        found = champion or (self.champion() if needs_champion(self.gates) else _NOT_NEEDED)
        return judge(self.gates, self.document, found, {_as_tag(key): value for key, value in self.digests.items()})


def candidate(target: str) -> Candidate:
    """What a spec's path, or an experiment's name in the project of the working folder, stands for.

    Raises UsageError when there are no results of it, SpecError and DataError as a run would.
    """
    return _of_spec(Path(target)) if _is_spec(target) else _of_name(target)


def promote(target: str, *, first: bool = False) -> tuple[Candidate, tuple[GateVerdict, ...], Move]:
    """Make the best model of a finished run the champion, when every gate is passed.

    `first` lets gates pass that have no champion to compare with yet. Raises RefusedError for a gate that is failed
    or unknown, StoreError when the registry is away, UsageError when there is nothing to promote.
    """
    chosen = candidate(target)
    champion = chosen.champion()
    if isinstance(champion, NoChampion) and champion.away:
        raise StoreError(f"{champion.reason}; nothing was promoted")
    verdicts = _let_first(chosen.verdicts(champion), chosen, champion) if first else chosen.verdicts(champion)
    _refuse(chosen, verdicts, champion)
    best = chosen.document.best()
    if best is None:
        raise UsageError(f"{chosen.name}: no model has a result, so there is nothing to promote")
    _deliver(chosen)
    because = "; ".join(verdict.reason for verdict in verdicts) or "its spec has no gates"
    move: Move = _registry("promote")(
        chosen.place, chosen.name, chosen.document.run_id, best.model_name, because, now()
    )
    return chosen, verdicts, move


def roll_back(target: str) -> Move:
    """Give the champion's place back to the previous one; no results are needed. Raises StoreError, UsageError."""
    name, place = _registered(target)
    move: Move = _registry("roll_back")(place, name, now())
    return move


def _registered(target: str) -> tuple[str, Destination]:
    """Name of the registered model of a spec, or of an experiment, and where its registry is."""
    if _is_spec(target):
        document = parse(Path(target))
        server = document.spec.tracking.server
        return document.spec.name, destination(os.environ, document.root, server.env)
    store = Store(find_root(Path("here")))
    found = store.benchmark(target)
    run_id = found.get("run_id") if isinstance(found, dict) else None
    resolved = store.run(target, str(run_id)).document("spec.resolved") if run_id else None
    if resolved is None:
        files = [file for name, file in named_specs() if name == target]
        return _registered(str(files[0])) if len(files) == 1 else (target, place_of(None, store.root))
    return target, place_of(resolved, store.root)


def _is_spec(target: str) -> bool:
    return target.endswith(SUFFIXES) or Path(target).is_file()


def _of_spec(path: Path) -> Candidate:
    session = read_session(parse(path))
    document = _document(session.store, session.spec.name)
    if document.run_id != session.run_id:
        raise UsageError(
            f"{path}: the results of {session.spec.name} are of another run ({document.run_id}; now it would be "
            f"{session.run_id}); `run-spec {path}` runs it"
        )
    place = destination(os.environ, session.store.root, session.spec.tracking.server.env)
    return Candidate(session.store, document, session.spec.gates, session.digests, place)


def _of_name(name: str) -> Candidate:
    store = Store(find_root(Path("here")))
    document = _document(store, name)
    folder = store.run(name, document.run_id)
    spec = folder.document("spec.resolved")
    if spec is None:
        raise UsageError(f"{name}: run {document.run_id} has no folder here; name its spec instead")
    digests = (folder.document("environment") or {}).get("data", {})
    gates = tuple(Gate.model_validate(as_values(gate)) for gate in spec["gates"])
    return Candidate(store, document, gates, digests, place_of(spec, store.root))


def _document(store: Store, name: str) -> BenchmarkDocument:
    found = store.benchmark(name)
    path = store.benchmark_path(name)
    if found is None and not path.exists():
        if tried := store.tried_out(name):
            runs = f"run {tried[-1].run_id} was made with --set, and such a run writes its own folder only"
            raise UsageError(f"{name}: there are no results in {path}: {runs}; run its spec without --set")
        raise UsageError(f"{name}: there are no results in {path}; run its spec first")
    try:
        return as_results(found)
    except ValueError:
        raise StoreError(f"{path}: this is not a results document of this version; run the spec again") from None


def _let_first(verdicts: tuple[GateVerdict, ...], chosen: Candidate, champion: Found) -> tuple[GateVerdict, ...]:
    """The verdicts with those passed that only lack a champion; it must be sure that there is none."""
    if not isinstance(champion, NoChampion):
        raise UsageError(f"{chosen.name}: version {champion.version} is champion already; promote without --first")
    passed = {"verdict": "passed", "reason": "it is the first champion"}
    return tuple(
        verdict.model_copy(update=passed) if gate.not_worse_than and verdict.verdict == "unknown" else verdict
        for gate, verdict in zip(chosen.gates, verdicts, strict=True)
    )


def _refuse(chosen: Candidate, verdicts: tuple[GateVerdict, ...], champion: Found) -> None:
    verdict = together(verdicts)
    if verdict == "passed":
        return
    stands = next(v for v in verdicts if v.verdict == verdict)
    hint = ""
    if isinstance(champion, NoChampion) and verdict == "unknown":
        hint = f"; `run-spec promote {chosen.name} --first` makes the first one"
    if isinstance(champion, MuteChampion) and verdict == "unknown":
        hint = f"; `run-spec promote {chosen.name} --rollback` gives its place to the one before it"
    raise RefusedError(f"{chosen.name}: not promoted: {stands.gate}: {stands.verdict}: {stands.reason}{hint}")


def _deliver(chosen: Candidate) -> None:
    """Deliver the run, its best model registered, where that has not been done or is not there any more."""
    folder = chosen.store.run(chosen.name, chosen.document.run_id)
    parcel = pack(folder, chosen.store)
    if parcel is None:
        return  # of another clone: it may be registered all the same
    delivery = send(replace(parcel, dossier=replace(parcel.dossier, register="best")), anew=REGISTERING)
    if delivery.pending:
        raise StoreError(f"{delivery.message}; nothing was promoted")


def _as_tag(name: str) -> str:
    """The name of a file as a tag of its run has it."""
    return safe_key(f"{DATA}{name}").removeprefix(DATA)


def _registry(function: str) -> Any:
    """A function of the registry; MLflow is imported here and not before."""
    return getattr(importlib.import_module("runner.track.registry"), function)
