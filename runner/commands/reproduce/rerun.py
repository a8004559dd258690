"""Repeat a recorded run in a scratch folder, and compare it fact by fact."""

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
from runner.track.run_content import safe_key

ABSENT: Final = "absent"
"""The value of a fact that only the other run has."""


@dataclass(frozen=True)
class Difference:
    """One fact that differs; None is n/a."""

    name: str
    then: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.name}: {_shown(self.then)} then, {_shown(self.now)} now"


@dataclass(frozen=True)
class Verdict:
    """The result of a repetition."""

    original: Original
    changed: tuple[str, ...]  # differences before the repetition: code, data, libraries
    differences: tuple[Difference, ...] = ()
    compared: int = 0  # facts
    trials: int = 0
    models: int = 0
    repeated: bool = False
    kept: Path | None = None

    @property
    def same(self) -> bool:
        """Return whether everything that was compared is identical."""
        return not self.differences if self.repeated else not self.changed


def reproduce(
    run: str, root: Path, *, check: bool = False, keep: bool = False, tell: Listener = silent, stop: Stop | None = None
) -> Verdict:
    """Repeat a run by its id, or the latest of its name; with `check` compare code, data and libraries only.

    Raises UsageError when there is no such run, DataError when its data is absent.
    """
    original = find_original(run, root)
    data_digests = digests(original.spec.data, root)
    changed = identity_differences(original, data_digests)
    if check:
        return Verdict(original, changed)
    with _scratch(keep) as folder:
        facts, trials, models = _repeat(
            _session(original, root, folder, data_digests), tell, Stop() if stop is None else stop
        )
        differences = compare(original.facts, facts, whole=original.whole)
        compared = len(original.facts)
        return Verdict(original, changed, differences, compared, trials, models, True, folder if keep else None)


def compare(then: Mapping[str, Any], now: Mapping[str, Any], *, whole: bool = True) -> tuple[Difference, ...]:
    """Return the facts that differ, in the order of the original; new facts too when the original is `whole`.

    An original that is not whole comes from MLflow, which does not accept every name.
    """
    if not whole:
        then, now = ({safe_key(name): value for name, value in facts.items()} for facts in (then, now))
    names = dict.fromkeys([*then, *(now if whole else ())])
    return tuple(
        Difference(name, then.get(name, ABSENT), now.get(name, ABSENT))
        for name in names
        if (name in then) != (name in now) or then[name] != now[name]
    )


def _repeat(session: Session, tell: Listener, stop: Stop) -> tuple[Facts, int, int]:
    """Return all facts of the repetition, and its numbers of trials and models."""
    session.begin()
    # The model libraries are imported only where something is run.
    document = importlib.import_module("runner.run.pipeline").run(session, tell, stop)
    trials = {model: session.folder.trials(model) for model in session.folder.models()}
    facts = {**trial_facts(trials), **board_facts(document.model_dump(mode="json"))}
    return facts, sum(map(len, trials.values())), len(document.results)


def _session(original: Original, root: Path, scratch: Path, data_digests: dict[str, str]) -> Session:
    """Return a session that reads the original's data and writes into a scratch folder."""
    spec = original.spec
    document = document_of(spec, root, original.text)
    store = Store(scratch)
    name = run_id(spec.model_dump(mode="json"), data_digests, identity_of(spec))
    return Session(document, store, store.run(spec.name, name), data_digests, repeats=original.trials)


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
