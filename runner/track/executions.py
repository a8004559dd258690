"""What a store has of one run: by this execution, and by others, which another clone may be delivering just now.

Of two executions the one that began later counts. Nobody holds a lock on both, so what others have made is looked at
again before anything is made here; those that go on are left to whoever delivers them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from mlflow import MlflowClient
from mlflow.entities import ViewType

from runner.track.history import pages
from runner.track.mapping import milliseconds
from runner.track.tags import EXECUTION, KEY, RUN_ID, of_kind, tagged
from runner.values.records import Dossier

_FRESH: Final = 1.0
"""Seconds for which nobody is expected to have begun to deliver the same run."""


class Executions:
    """The runs of one run id, by their keys."""

    def __init__(self, client: MlflowClient, experiment: str, dossier: Dossier) -> None:
        self._client, self._experiment = client, experiment
        self._run_id, self._mine = dossier.run_id, dossier.execution
        self._rank = (milliseconds(dossier.status.started), dossier.execution)
        self.runs = self._found()
        self._take_note(self.runs)

    def renew(self) -> None:
        """It may be a while since the last look."""
        self._looked = float("-inf")

    def refresh(self) -> None:
        """Look again, unless that has just been done and nobody else is at it."""
        if self._rivals or time.monotonic() - self._looked > _FRESH:
            self.look()

    def look(self) -> dict[str, Any]:
        """What other executions have now."""
        others = self._found(f" and tags.`{EXECUTION}` != '{self._mine}'")
        for key, run in others.items():
            if self.runs.setdefault(key, run).info.run_id == run.info.run_id:
                self.runs[key] = run
        self._take_note(others)
        return others

    def is_of_a_later(self, run: Any) -> bool:
        """Whether it belongs to an execution that began after this one."""
        parent = self.runs.get(f"{self._run_id}/run@{run.data.tags.get(EXECUTION)}")
        return parent is not None and _rank(parent) > self._rank

    def successor(self, others: Mapping[str, Any]) -> Any:
        """The latest parent that began later and is finished; None when this execution is the one that counts."""
        later = [run for run in self._parents(others) if run.info.status == "FINISHED" and _rank(run) > self._rank]
        return max(later, key=_rank, default=None)

    def ended_before(self, others: Mapping[str, Any]) -> list[Any]:
        """Parents that began earlier and do not go on."""
        return [run for run in self._parents(others) if run.info.status != "RUNNING" and _rank(run) < self._rank]

    def _take_note(self, others: Mapping[str, Any]) -> None:
        self._rivals = any(run.info.status == "RUNNING" for run in self._parents(others))
        self._looked = time.monotonic()

    def _parents(self, runs: Mapping[str, Any]) -> list[Any]:
        """Of other executions."""
        parents = (run for key, run in runs.items() if key.startswith(f"{self._run_id}/run@"))
        return [run for run in parents if run.data.tags.get(EXECUTION) not in (self._mine, None)]

    def _found(self, more: str = "") -> dict[str, Any]:
        wanted = f"{tagged(RUN_ID, self._run_id)}{more}"
        found = pages(self._client.search_runs, experiment_ids=[self._experiment], filter_string=wanted)
        return {run.data.tags[KEY]: run for run in found if KEY in run.data.tags}


def is_there(client: MlflowClient, dossier: Dossier) -> bool:
    """Whether a store has this execution or a later one of its run. What somebody has deleted there counts."""
    experiment = client.get_experiment_by_name(dossier.name)
    if experiment is None:
        return False
    wanted = of_kind("run", dossier.run_id)
    order = ["attributes.start_time DESC"]
    newest = client.search_runs([experiment.experiment_id], wanted, ViewType.ALL, 1, order)
    return any(run.info.start_time >= milliseconds(dossier.status.started) for run in newest)


def _rank(parent: Any) -> tuple[int, str]:
    return int(parent.info.start_time), parent.data.tags[EXECUTION]
