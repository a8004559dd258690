"""Compare two specs: changes, effects, and the run ids where the data is here."""

from __future__ import annotations

from dataclasses import dataclass

from runner.commands.diff.effects import Effects, effects
from runner.commands.diff.revision import Side
from runner.data.locate import digests, sources
from runner.errors import DataError
from runner.language.spec_diff import Change, changes
from runner.members.sources.registry import SOURCES, source_kind
from runner.store.folder import Store
from runner.store.identity import identity_of, run_id


@dataclass(frozen=True)
class CurrentRun:
    """The run that a spec would have with the current data, code and libraries."""

    run_id: str
    recorded: int  # trials


@dataclass(frozen=True)
class Comparison:
    """What differs between two specs, and the effects. A run is None where its data is not here."""

    before: Side
    after: Side
    changes: tuple[Change, ...]
    effects: Effects
    run_before: CurrentRun | None
    run_after: CurrentRun | None


def compare(before: Side, after: Side) -> Comparison:
    """Return the comparison. Reads the data for its digests if it is here, and downloads nothing."""
    old, new = before.document, after.document
    return Comparison(before, after, changes(old, new), effects(old.spec, new.spec), find_run(before), find_run(after))


def find_run(side: Side) -> CurrentRun | None:
    """Return the run of a spec with the current data, code and libraries; None when the data is not here."""
    spec = side.document.spec
    builtin = [source.label for _, source in sources(spec.data) if SOURCES.has(source_kind(source) or "", "downloaded")]
    if not all((side.root / "data" / "builtin" / f"{name}.csv").is_file() for name in builtin):
        return None  # it would be downloaded
    try:
        data_digests = digests(spec.data, side.root)
    except DataError:
        return None
    identity = run_id(spec.model_dump(mode="json"), data_digests, identity_of(spec))
    folder = Store(side.root, read_only=True).run(spec.name, identity)
    recorded = sum(len(folder.trials(name)) for name in spec.models) if folder.path.is_dir() else 0
    return CurrentRun(identity, recorded)
