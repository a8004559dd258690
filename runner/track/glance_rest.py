"""A glance at a tracking server by its public REST interface, with the credentials that the environment holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

import requests

from runner.errors import StoreError
from runner.store.folder import is_run_id
from runner.track.destination import Destination
from runner.track.glance import CHAMPION, Glance, TrackedRun, TrackedTrial, latest, tracked_run, trials_by_model
from runner.track.sign_in import answer_trouble, connection_trouble, redirects, signed_session
from runner.track.succession import current
from runner.track.tags import of_kind
from runner.values.records import TrialRecord

_API: Final = "/api/2.0/mlflow"
_PAGES_API: Final = "/ajax-api/2.0/mlflow"
"""What the pages of the server ask."""
_RUNS_OF_CURVES: Final = 100
"""As many as a server tells of in one answer."""
_SECONDS: Final = (3, 30)
"""To connect, and for an answer: a store of thousands of runs takes its time."""
_NEWEST: Final = ["attributes.start_time DESC"]
_FEW: Final = 5
"""Runs of an experiment in the one question for all; a run comes with all its parameters, which cost the server."""
_PAGE: Final = 1000
_LARGEST: Final = 200
"""Runs of a page when earlier ones held too many that are superseded."""
_PAGES: Final = 6
"""After so many pages nobody looks further; what was not seen is said to be there."""


class RestGlance:
    """Asks a server; every question is one request."""

    def __init__(self, place: Destination) -> None:
        self._place = place
        self._session = signed_session()
        self._ids: dict[str, str] = {}  # experiment -> its id

    def experiments(self) -> tuple[str, ...]:
        """The one that was made or changed last first."""
        asked = {"max_results": _PAGE, "order_by": ["last_update_time DESC"]}
        found = [e for page in self._pages("POST", "/experiments/search", asked) for e in page.get("experiments", [])]
        self._ids = {str(e["name"]): str(e["experiment_id"]) for e in found}
        return tuple(name for name in self._ids if name != "Default")

    def glances(self, names: Sequence[str], most: int) -> Iterator[Glance]:
        """One question for the newest runs of all; one more for each experiment that has none among them."""
        few = min(most, _FEW)
        runs, beyond = self._search(names, few * len(names))
        by_name: dict[str, list[TrackedRun]] = defaultdict(list)
        for run in runs:
            by_name[run.name].append(run)
        for name in names:
            found, more = by_name[name], beyond
            if not found and more:
                found, more = self._search([name], few)
            yield Glance(name, latest(found), len(latest(found)), more)

    def runs(self, name: str, most: int) -> tuple[TrackedRun, ...]:
        """Those of one experiment."""
        return latest(self._search([name], most)[0])

    def trials(self, run: TrackedRun) -> Mapping[str, tuple[TrialRecord, ...]]:
        """Those of all executions of the run."""
        if not is_run_id(run.run_id):
            return {}
        wanted = of_kind("trial", run.run_id)
        found = [one for page in self._found([run.name], wanted, _PAGE) for one in page.get("runs", [])]
        curves = self._curves([one["info"]["run_id"] for one in found if "curve" in _metrics(one["data"])])
        return trials_by_model(_trial(one, curves[one["info"]["run_id"]]) for one in found)

    def _curves(self, keys: Sequence[str]) -> Mapping[str, list[tuple[int, float]]]:
        """Run -> its curve, as the server tells its own pages; those it does not tell are empty."""
        curves: dict[str, list[tuple[int, float]]] = defaultdict(list)
        with suppress(StoreError):
            for at in range(0, len(keys), _RUNS_OF_CURVES):
                asked = {"run_ids": keys[at : at + _RUNS_OF_CURVES], "metric_key": "curve"}
                page = self._ask("GET", "/metrics/get-history-bulk-interval", _PAGES_API, params=asked)
                for point in page.get("metrics", []):
                    curves[point["run_id"]].append((int(point.get("step", 0)), float(point["value"])))
        return curves

    def champions(self) -> Mapping[str, str]:
        """By the alias."""
        pages = self._pages("GET", "/registered-models/search", {"max_results": 100})
        found = [model for page in pages for model in page.get("registered_models", [])]
        pairs = [(m["name"], alias) for m in found for alias in m.get("aliases", [])]
        return {name: str(alias["version"]) for name, alias in pairs if alias.get("alias") == CHAMPION}

    def artefact(self, key: str, path: str) -> bytes | None:
        """As the server hands it to its own pages."""
        asked = {"path": path, "run_uuid": key}
        try:
            answer = self._session.get(
                f"{self._place.uri.rstrip('/')}/get-artifact",
                params=asked,
                timeout=_SECONDS,
                allow_redirects=redirects(),
            )
        except requests.RequestException:
            return None
        return answer.content if answer.status_code == 200 else None

    def _search(self, names: Sequence[str], most: int) -> tuple[list[TrackedRun], bool]:
        """(parent runs, whether there are more). Superseded ones, which a server counts, cost another page."""
        pages = list(_until(islice(self._found(names, of_kind("run"), most), _PAGES), most))
        name_of = {number: name for name, number in self._ids.items()}
        found = [_run(run, name_of[str(run["info"]["experiment_id"])]) for run in _current(pages)]
        return found[:most], bool(pages and pages[-1].get("next_page_token")) or len(found) > most

    def _found(self, names: Sequence[str], wanted: str, most: int) -> Iterator[dict[str, Any]]:
        """The newest runs of experiments, `most` a page; none of an experiment that the server has not."""
        if any(name not in self._ids for name in names):
            self.experiments()
        ids = [self._ids[name] for name in names if name in self._ids]
        if ids:
            asked = {"experiment_ids": ids, "filter": wanted, "max_results": most, "order_by": _NEWEST}
            yield from self._pages("POST", "/runs/search", asked)

    def _pages(self, verb: str, path: str, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Answers until there are no more, each asked for when it is wanted and, of small ones, twice the last."""
        where = "json" if verb == "POST" else "params"
        page = self._ask(verb, path, _API, **{where: asked})
        yield page
        size = int(asked["max_results"])
        while page.get("next_page_token"):
            size = max(size, min(2 * size, _LARGEST))
            more = {"max_results": size, "page_token": page["next_page_token"]}
            page = self._ask(verb, path, _API, **{where: {**asked, **more}})
            yield page

    def _ask(self, verb: str, path: str, api: str, **asked: Any) -> dict[str, Any]:
        try:
            answer = self._session.request(
                verb,
                f"{self._place.uri.rstrip('/')}{api}{path}",
                timeout=_SECONDS,
                allow_redirects=redirects(),
                **asked,
            )
        except requests.RequestException as error:
            seconds = _SECONDS[0 if isinstance(error, requests.ConnectTimeout) else 1]
            raise StoreError(f"{self._place.label}: {connection_trouble(str(error), seconds)}") from None
        trouble = answer_trouble(answer)
        if trouble is not None:
            raise StoreError(f"{self._place.label}: {trouble}")
        found: dict[str, Any] = answer.json()
        return found


def _until(pages: Iterable[dict[str, Any]], most: int) -> Iterator[dict[str, Any]]:
    """Pages until they hold that many runs that are not superseded."""
    taken: list[dict[str, Any]] = []
    for page in pages:
        yield page
        taken.append(page)
        if len(_current(taken)) >= most:
            return


def _current(pages: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Runs that are not superseded."""
    runs = [run for page in pages for run in page.get("runs", [])]
    return list(current((run["info"]["run_id"], _texts(run["data"], "tags"), run) for run in runs))


def _run(run: Mapping[str, Any], name: str) -> TrackedRun:
    info, data = run["info"], run["data"]
    times = (int(info.get("start_time") or 0), int(info.get("end_time") or 0))
    return tracked_run(info["run_id"], name, info["status"], times, _texts(data, "tags"), _metrics(data))


def _trial(run: Mapping[str, Any], curve: Sequence[tuple[int, float]]) -> TrackedTrial:
    data, start = run["data"], int(run["info"].get("start_time") or 0)
    return TrackedTrial(start, _texts(data, "tags"), _texts(data, "params"), _metrics(data), curve)


def _texts(data: Mapping[str, Any], what: str) -> dict[str, str]:
    return {item["key"]: item["value"] for item in data.get(what, [])}


def _metrics(data: Mapping[str, Any]) -> dict[str, float]:
    return {item["key"]: float(item["value"]) for item in data.get("metrics", [])}
