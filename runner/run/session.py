"""One execution of a spec: what it is (identity), where it stands (folder), and what that means (run, resume, no-op).

Light: a finished run is recognised without importing pandas, a model library or MLflow.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from runner import __version__
from runner.data.dvc_status import dvc_revisions
from runner.data.locate import digests, sources
from runner.errors import DataError
from runner.files.checksum import digest
from runner.files.redact import redact
from runner.language.parse import Document, document_of
from runner.language.sections.experiment import Experiment
from runner.run.absent_plugins import absent_plugins
from runner.store.folder import Store
from runner.store.identity import (
    Identity,
    environment,
    git_state,
    identity_of,
    look_key,
    numeric_part,
    run_id,
)
from runner.store.lock import lock
from runner.store.run import Damage, RunFolder
from runner.values.records import RunStatus
from runner.values.section import FrozenMap, as_values


@dataclass(frozen=True)
class Session:
    """A spec with its data's digests, and the run folder that they name."""

    document: Document
    store: Store
    folder: RunFolder
    digests: dict[str, str]
    overrides: tuple[str, ...] = ()
    repeats: Mapping[str, int] | None = None  # of a run that is only repeated: trials of each study; no final models

    @property
    def spec(self) -> Experiment:
        return self.document.spec

    @property
    def run_id(self) -> str:
        return self.folder.run_id

    @cached_property
    def identity(self) -> Identity:
        """The code and libraries that its numbers stand on."""
        return identity_of(self.spec)

    @property
    def trusted(self) -> tuple[str, ...]:
        """Addresses of sources whose path was typed on the command line."""
        return trusted_sources(self.document, self.overrides)

    @property
    def tables(self) -> Path:
        """Folder of the feature cache."""
        return self.store.cache / "tables"

    @property
    def panel_folder(self) -> Path:
        """Where workers find the panel."""
        return self.store.cache / "panels" / self.data_key

    @cached_property
    def data_key(self) -> str:
        """Identity of the panel and of the code that makes features of it."""
        spec = self.spec
        sections = [spec.data.model_dump(mode="json"), spec.forecast.model_dump(mode="json")]
        short = spec.evaluation.model_dump(mode="json") if spec.data.short_series == "drop" else None
        return digest([sections, short, self.digests, self.identity.document()])[:20]

    @property
    def dataset(self) -> str:
        """What the data is called in the results."""
        return self.spec.data.source.label

    @property
    def budget(self) -> dict[str, Any]:
        return self.spec.study.budget.model_dump(mode="json")

    def finished(self) -> RunStatus | None:
        """The status of a run whose last budget was this one, else None: results are those of the last budget."""
        status = self.folder.status()
        done = (
            status is not None
            and status.state == "finished"
            and [dict(b) for b in status.budgets[-1:]] == [self.budget]
            and not self._lost(status)
            and self.folder.scoreboard() is not None  # made again from the recorded rows
        )
        return status if done else None

    def _lost(self, status: RunStatus) -> bool:
        """Return whether a model is missing only because its worker was lost, so that it is retried."""
        timeout = self.spec.run.timeout
        return bool(status.missing) and any(row.should_retry(timeout) for row in self.folder.results().values())

    def begin(self) -> RunStatus:
        """Write down that it is running, and what it is of."""
        before = self.folder.status()
        # A resumed run is the same execution; one after a finished run is another, with its own times.
        same = before if before and before.started and before.state != "finished" else None
        started = same.started if same else now()
        status = RunStatus(
            state="running",
            budgets=before.budgets if before else (),
            started=started,
            execution=same.execution if same else f"{started}-{uuid4().hex[:6]}",
            host=socket.gethostname(),
            pid=os.getpid(),
            last_started=now(),
            code_version=__version__,
            overrides=tuple(map(redact, self.overrides)),
            parents=before.parents if before else FrozenMap(),
        )
        self.folder.begin(status)
        return status

    def environment(self) -> dict[str, Any]:
        """Where it runs, on what, and from which commit."""
        root = self.document.root
        tracked = {"git": git_state(root), "dvc": dvc_revisions(root, self.digests)}
        return {**environment(), **tracked, "data": self.digests, **self.identity.document()}

    def proven_environment(self) -> dict[str, Any]:
        """The part of it that is known of any run of this id, whenever and wherever it was made."""
        identity = self.identity
        return {"versions": dict(identity.libraries), "data": self.digests, **identity.document()}

    def news(self) -> str | None:
        """Return what makes this another run than the latest of its name; None for the first and a resumed one."""
        earlier = [folder for folder in self.store.runs(self.spec.name) if folder.run_id != self.run_id]
        if not earlier or self.folder.status() is not None:
            return None
        before = earlier[-1]
        known, was = before.document("environment") or {}, before.document("spec.resolved") or {}
        changed = [f"{name} changed" for name, one in self.digests.items() if known.get("data", {}).get(name) != one]
        changed += [f"{path} changed" for path in _differing(was, self.spec.model_dump(mode="json"))]
        changed += ["the code changed"] if known.get("code") != self.identity.code else []
        for kind, now_used in (("libraries", self.identity.libraries), ("plugins", self.identity.plugins)):
            before_used = known.get(kind, {})
            changed += [f"{name} is {v}" for name, v in now_used.items() if before_used.get(name) != v]
        more = f" and {len(changed) - 6} more" if len(changed) > 6 else ""
        return f"another run than {before.run_id}: {', '.join(changed[:6])}{more}" if changed else None

    def count_look(self) -> int:
        """How many different runs have looked at these test windows, this one included."""
        key = look_key(self.spec.model_dump(mode="json"), self.digests)
        return self.store.count_look(self.spec.name, key, self.run_id)


def read_session(
    document: Document, overrides: tuple[str, ...] = (), on_damage: Callable[[Damage], None] | None = None
) -> Session:
    """The session of a spec, to look at. Raises DataError when a file of the data is not there."""
    found = digests(document.spec.data, document.root, trusted_sources(document, overrides))
    resolved = document.spec.model_dump(mode="json")
    store = Store(document.root)
    folder = store.run(document.spec.name, run_id(resolved, found, identity_of(document.spec)), on_damage)
    return Session(document, store, folder, found, overrides)


def recorded_session(store: Store, folder: RunFolder) -> Session:
    """Return the session of a run on disk, to look at. Raises DataError when its data are not what they were."""
    status, environment = folder.status(), folder.document("environment") or {}
    try:
        spec = Experiment.model_validate(as_values(folder.document("spec.resolved") or {}))
    except ValidationError as error:
        line = error.errors(include_url=False)[0]
        packages = ", ".join(absent_plugins(environment).values())
        hint = f"install {packages}" if packages else "run the spec again"
        where = ".".join(map(str, line["loc"]))
        raise DataError(f"run {folder.run_id}: {where}: {line['msg']}; hint: {hint}", key=where) from None
    document = document_of(spec, store.root, (folder.path / "spec.yaml").read_text("utf-8", "replace"))
    overrides = status.overrides if status else ()
    current = digests(spec.data, store.root, trusted_sources(document, overrides))
    recorded = environment.get("data", current)
    changed = sorted(name for name in {*current, *recorded} if current.get(name) != recorded.get(name))
    if changed:
        message = f"{', '.join(changed)} changed since run {folder.run_id}; run the spec again"
        raise DataError(message, key="data.source", file=changed[0])
    return Session(document, store, folder, current, overrides)


@contextmanager
def open_session(
    document: Document, overrides: tuple[str, ...] = (), on_damage: Callable[[Damage], None] | None = None
) -> Iterator[Session]:
    """The same, holding the lock of its name so that it can be run.

    Raises StoreError when the disk will not do, BusyError when another process runs an experiment of this name.
    """
    session = read_session(document, overrides, on_damage)
    session.store.preflight()
    with lock(session.store.lock_path(document.spec.name)):
        yield session


def trusted_sources(document: Document, overrides: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses of the sources that an override has written."""
    keys = [override.split("=", 1)[0] for override in overrides]
    return tuple(address for address, _ in sources(document.spec.data) if any(key.startswith(address) for key in keys))


def _differing(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Dotted paths of the numbers' part of two resolved specs where they differ."""
    if not path:
        before, after = numeric_part(before), numeric_part(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _differing(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif before != after:
        yield path


def now() -> str:
    """UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
