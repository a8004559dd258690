"""A finished scoreboard -> final models, one folder each, made once and again only when their manifest changes."""

from __future__ import annotations

import importlib
import logging
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from runner.data.grid import show
from runner.errors import StoreError
from runner.files.atomic import publish_folder, store_error
from runner.files.checksum import digest
from runner.progress import Listener, Note
from runner.run.benchmark.calibrate import residual_quantiles
from runner.run.benchmark.forecasts import decode
from runner.run.final.apply import columns_of
from runner.run.final.fit import FinalJob
from runner.run.final.manifest import MEMBERS, Column, Manifest, Part, part_of, read_manifest, write_manifest
from runner.run.plan import Candidate, Member, Plan
from runner.run.session import now
from runner.search.sampled_space import params_from_draws
from runner.track.settings import load_quietly
from runner.values.records import ModelResult, Scoreboard, TrialRecord
from runner.values.section import FrozenMap

log = logging.getLogger(__name__)
PAYLOAD: Final = "payload"
Fit = Callable[[Sequence[FinalJob]], Iterable[tuple[FinalJob, Mapping[str, bytes] | str]]]
"""Jobs -> each with the files of its model, or with the reason why it failed; as they finish."""
Wrap = Callable[[Path, Manifest], None]
"""(folder with a payload, manifest): adds the files that a tracking server expects next to it."""


class Shelf(Protocol):
    """Where winners are read from, and final models are kept."""

    @property
    def run_id(self) -> str: ...

    def trials(self, model: str) -> Sequence[TrialRecord]: ...

    def forecasts_path(self, model: str) -> Path: ...

    def final_path(self, model: str) -> Path: ...


def make_final_models(
    plan: Plan, board: Scoreboard, shelf: Shelf, fit: Fit, tell: Listener, wanted: Collection[str] | None = None
) -> None:
    """Fit the winners on all history and keep them as MLflow models; one that cannot be made is a line."""
    try:
        # MLflow is imported by the process that delivers, and not by its workers.
        write_flavor = load_quietly("runner.track.flavor").write_flavor
        flavor_of = importlib.import_module("runner.run.final.flavor").flavor_of
    except Exception as error:  # the import runs code of many others, which may raise anything
        tell(Note(f"there are no final models: MLflow cannot be imported: {summary(error)}", "warning"))
        return
    moment = now()

    def wrap(folder: Path, manifest: Manifest) -> None:
        write_flavor(folder, flavor_of(manifest, plan.setup.panel, moment))

    for model, reason in make_finals(plan, board, shelf, fit, wrap, wanted).items():
        tell(Note(f"{model} has no final model: {reason}", "warning"))


def make_finals(
    plan: Plan, board: Scoreboard, shelf: Shelf, fit: Fit, wrap: Wrap, wanted: Collection[str] | None = None
) -> dict[str, str]:
    """Make what is not there yet, of all models or of those `wanted`; model -> reason, where one cannot be made."""
    rows = {row.model: row for row in board.results if row.status == "ok"}
    waiting = lacking(plan, board, shelf, wanted)
    if not waiting:
        return {}
    root = next(iter(waiting.values()))
    parent = shelf.final_path(root.model).parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".fit-") as folder:
            failed = _fit_members(plan, waiting, rows, shelf, fit, Path(folder))
            return _assemble(plan, waiting, shelf, wrap, Path(folder), failed)
    except OSError as error:
        raise store_error(parent, error) from error


def lacking(plan: Plan, board: Scoreboard, shelf: Shelf, wanted: Collection[str] | None = None) -> dict[str, Manifest]:
    """Model -> manifest, of all models or of those `wanted`, where no final model of this manifest is kept."""
    rows = {row.model: row for row in board.results if row.status == "ok"}
    names = [name for name in rows if wanted is None or name in wanted]
    manifests = {name: _manifest(plan, rows, name, shelf) for name in names}
    return {name: manifest for name, manifest in manifests.items() if kept_key(shelf.final_path(name)) != manifest.key}


def kept_key(folder: Path) -> str | None:
    """Key of the manifest of a final model; None when there is none that can be read."""
    try:
        return read_manifest(folder / PAYLOAD).key
    except StoreError:
        return None


def _fit_members(
    plan: Plan, waiting: Mapping[str, Manifest], rows: Mapping[str, ModelResult], shelf: Shelf, fit: Fit, folder: Path
) -> dict[str, str]:
    """Fit each member once, into `folder/fits/<member>`; member -> reason of those that failed."""
    jobs = []
    for name in dict.fromkeys(part.name for manifest in waiting.values() for part in manifest.fitted):
        place = folder / "fits" / name
        place.mkdir(parents=True)
        jobs.append(FinalJob(_candidate(plan.member(name), rows[name], shelf)))
    failed = {}
    for job, outcome in fit(jobs):
        if isinstance(outcome, str):
            failed[job.candidate.model] = outcome
            continue
        for file, content in outcome.items():
            (folder / "fits" / job.candidate.model / file).write_bytes(content)
    return failed


def _assemble(
    plan: Plan, waiting: Mapping[str, Manifest], shelf: Shelf, wrap: Wrap, folder: Path, failed: Mapping[str, str]
) -> dict[str, str]:
    """Put each model's folder together and rename it into its place; model -> reason of those that have none."""
    reasons: dict[str, str] = {}
    for name, manifest in waiting.items():
        missing = [part.name for part in manifest.fitted if part.name in failed]
        if missing:
            reasons[name] = failed[missing[0]]
            continue
        whole = folder / "whole" / name
        members = whole / PAYLOAD / MEMBERS
        members.mkdir(parents=True)
        for part in manifest.fitted:
            shutil.copytree(folder / "fits" / part.name, members / part.name)
        manifest = _with_columns(manifest, plan, members)
        write_manifest(manifest, whole / PAYLOAD)
        try:
            wrap(whole, manifest)
        except Exception as error:  # code of others, which may raise anything; the results do not depend on it
            log.info("%s cannot be written as an MLflow model", name, exc_info=True)
            reasons[name] = f"it cannot be written as an MLflow model: {summary(error)}"
            continue
        publish_folder(whole, shelf.final_path(name), replace=True)
    return reasons


def summary(error: Exception) -> str:
    """Its class and the first line of what it says."""
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _manifest(plan: Plan, rows: Mapping[str, ModelResult], name: str, shelf: Shelf) -> Manifest:
    """The manifest as far as it is known before a fit."""
    panel = plan.setup.panel
    grid = panel.times.astype(np.int64)
    manifest = Manifest(
        run_id=shelf.run_id,
        model=name,
        spec=plan.spec,
        season=plan.setup.season,
        parts=tuple(_parts(plan, rows, name, shelf)),
        offsets=_offsets(plan, name, shelf),
        until=show(int(grid[panel.n_steps - 1]), panel.freq),
    )
    document = manifest.model_dump(mode="json", exclude={"spec"})
    return manifest.model_copy(update={"key": digest(document)[:20]})


def _parts(plan: Plan, rows: Mapping[str, ModelResult], name: str, shelf: Shelf) -> list[Part]:
    """The model after everything that it is made of."""
    needed = {name}
    for member in reversed(plan.members):
        if member.name in needed:
            needed |= set(member.of)
    return [part_of(_candidate(member, rows[member.name], shelf)) for member in plan.members if member.name in needed]


def _candidate(member: Member, row: ModelResult, shelf: Shelf) -> Candidate:
    """The winner as it stands on the scoreboard."""
    if member.of:
        params = FrozenMap[str, Any]({"of": member.of, "weights": dict(row.weights)})
        return replace(member.base, params=params)
    if member.space is None or row.trial is None:
        return member.base
    record = next(record for record in shelf.trials(member.name) if record.number == row.trial)
    return member.candidate(params_from_draws(member.space, record.params), row.rounds)


def _offsets(plan: Plan, name: str, shelf: Shelf) -> tuple[tuple[float, ...], ...]:
    """Learnt where the benchmark learns them: from the winner's forecasts on the tuning windows."""
    if not plan.setup.quantiles:
        return ()
    windows = plan.setup.windows.tuning
    found = decode(shelf.forecasts_path(name).read_bytes(), plan)
    if not all(window.name in found for window in windows):
        return ()
    learnt = residual_quantiles([found[window.name] for window in windows], windows, plan.setup)
    return tuple(tuple(map(float, row)) for row in learnt.offsets)


def _with_columns(manifest: Manifest, plan: Plan, members: Path) -> Manifest:
    """The manifest with the covariates that its members look at."""
    seen = {name for part in manifest.fitted if part.features for name in columns_of(members / part.name)}
    columns = tuple(
        Column(name=c.name, role=c.role, text=c.categories is not None)
        for c in plan.setup.panel.covariates
        if f"{c.role}.{c.name}" in seen
    )
    return manifest.model_copy(update={"columns": columns})
