"""A recorded run, made again in a scratch folder and compared with what it was, fact by fact."""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runner.commands.reproduce.originals import (
    Facts,
    Original,
    board_facts,
    find_original,
    identity_differences,
    trial_facts,
)
from runner.data.locate import digests
from runner.families.engines.stop import Stop
from runner.language.parse import document_of
from runner.progress import Listener, silent
from runner.run.session import Session
from runner.store.folder import Store
from runner.store.identity import identity_of, run_id
from runner.track.mapping import safe_key

ABSENT: Final = "absent"
"""Stands for a fact that only the other one has."""


@dataclass(frozen=True)
class Difference:
    """One fact that came out otherwise; None is n/a."""

    name: str
    then: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.name}: {_shown(self.then)} then, {_shown(self.now)} now"


@dataclass(frozen=True)
class Verdict:
    """How a repetition ended."""

    original: Original
    changed: tuple[str, ...]  # what is not as it was before anything is run
    differences: tuple[Difference, ...] = ()
    compared: int = 0  # facts
    trials: int = 0
    models: int = 0
    repeated: bool = False
    kept: Path | None = None

    @property
    def same(self) -> bool:
        """Whether everything that was looked at came out again."""
        return not self.differences if self.repeated else not self.changed


def reproduce(
    run: str, root: Path, *, check: bool = False, keep: bool = False, tell: Listener = silent, stop: Stop | None = None
) -> Verdict:
    """Repeat a run by its id, or the latest of its name. `check` compares code, data and libraries and runs nothing.

    Raises UsageError when there is no such run, DataError when its data is not there any more.
    """
    original = find_original(run, root)
    now = digests(original.spec.data, root)
    changed = identity_differences(original, now)
    if check:
        return Verdict(original, changed)
    with _scratch(keep) as folder:
        facts, trials, models = _again(_session(original, root, folder, now), tell, stop or Stop())
        found = compare(original.facts, facts, whole=original.whole)
        compared = len(original.facts)
        return Verdict(original, changed, found, compared, trials, models, True, folder if keep else None)


def compare(then: Mapping[str, Any], now: Mapping[str, Any], *, whole: bool = True) -> tuple[Difference, ...]:
    """The facts that differ, in the order of the original; those that are new as well when the original is `whole`.

    One that is not whole comes from MLflow, which does not take every name as it is.
    """
    if not whole:
        then, now = ({_told(name): value for name, value in facts.items()} for facts in (then, now))
    names = dict.fromkeys([*then, *(now if whole else ())])
    return tuple(
        Difference(name, then.get(name, ABSENT), now.get(name, ABSENT))
        for name in names
        if (name in then) != (name in now) or then[name] != now[name]
    )


def _told(name: str) -> str:
    """A name as MLflow has it, whichever version delivered it: earlier ones wrote `x_zero_` for the switch of x."""
    return safe_key(name).replace(" is zero", "_zero_")


def _again(session: Session, tell: Listener, stop: Stop) -> tuple[Facts, int, int]:
    """All facts of the repetition, and how many trials and models it had."""
    session.begin()
    # The model libraries are imported only where something is run.
    document = importlib.import_module("runner.run.pipeline").run(session, tell, stop)
    trials = {model: session.folder.trials(model) for model in session.folder.models()}
    facts = {**trial_facts(trials), **board_facts(document.model_dump(mode="json"))}
    return facts, sum(map(len, trials.values())), len(document.results)


def _session(original: Original, root: Path, scratch: Path, found: dict[str, str]) -> Session:
    """The run in a folder of its own: its data is read where it was, its results are written elsewhere."""
    spec = original.spec
    document = document_of(spec, root, original.text)
    store = Store(scratch)
    name = run_id(spec.model_dump(mode="json"), found, identity_of(spec))
    return Session(document, store, store.run(spec.name, name), found, repeats=original.trials)


@contextmanager
def _scratch(keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="run-spec-reproduce-"))
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _shown(value: Any) -> str:
    return "n/a" if value is None else repr(value) if isinstance(value, float) else str(value)
