"""Two sides -> the whole comparison: changes, effects, and the run ids where the data lie here."""

from __future__ import annotations

from dataclasses import dataclass

from runner.commands.diff.effects import Effects, effects
from runner.commands.diff.revision import Side
from runner.data.locate import digests, sources
from runner.errors import DataError
from runner.language.spec_diff import Change, changes
from runner.members.sources import SOURCES, source_kind
from runner.store.folder import Store
from runner.store.identity import identity_of, run_id


@dataclass(frozen=True)
class RunFound:
    """The run that a spec would have here and now."""

    run_id: str
    recorded: int  # trials


@dataclass(frozen=True)
class Comparison:
    """What differs between two specs, and what that does. A run is None where its data do not lie here."""

    before: Side
    after: Side
    changes: tuple[Change, ...]
    effects: Effects
    run_before: RunFound | None
    run_after: RunFound | None


def compare(before: Side, after: Side) -> Comparison:
    """The comparison. Reads the data for their digests where they are, and downloads nothing."""
    old, new = before.document, after.document
    return Comparison(before, after, changes(old, new), effects(old.spec, new.spec), find_run(before), find_run(after))


def find_run(side: Side) -> RunFound | None:
    """The run of a spec with the data, code and libraries that are here; None when its data are not."""
    spec = side.document.spec
    builtin = [source.label for _, source in sources(spec.data) if SOURCES.has(source_kind(source) or "", "downloaded")]
    if not all((side.root / "data" / "builtin" / f"{name}.csv").is_file() for name in builtin):
        return None  # it would be downloaded
    try:
        found = digests(spec.data, side.root)
    except DataError:
        return None
    identity = run_id(spec.model_dump(mode="json"), found, identity_of(spec))
    folder = Store(side.root, read_only=True).run(spec.name, identity)
    recorded = sum(len(folder.trials(name)) for name in spec.models) if folder.path.is_dir() else 0
    return RunFound(identity, recorded)
