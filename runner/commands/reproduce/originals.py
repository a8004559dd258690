"""Read a recorded run, from its folder or from MLflow, as facts that a repetition must match.

A fact is a name, such as `lightgbm trial 3 value`, and its recorded value. Seconds, attempts, memory and timestamps
are not facts, because they differ every time.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.errors import DataError, UsageError
from runner.files.documents import parse_json
from runner.language.sections.experiment import Experiment
from runner.run.absent_plugins import absent_plugins
from runner.store.folder import Store
from runner.store.identity import environment, identity_of
from runner.store.run import RunFolder
from runner.track.destination import destination
from runner.track.settings import load_quietly
from runner.values.records import TrialRecord
from runner.values.section import as_values

Facts = dict[str, Any]
_OF_TRIAL = ("state", "value", "rounds")
_OF_ROW = ("status", "trial", "rounds", "gain", "n_cells", "n_samples", "n_features", "fallbacks")
_OF_WINDOW = ("n_cells", "n_train_rows", "n_features", "fallbacks")


@dataclass(frozen=True)
class Original:
    """A finished run as it was recorded."""

    name: str
    run_id: str
    place: str  # where it was read from, for people
    spec: Experiment
    text: str  # of the spec, as written
    environment: Mapping[str, Any]
    facts: Facts
    trials: Mapping[str, int]  # model -> how many were recorded
    whole: bool  # False from MLflow, which has not everything


def find_original(run: str, root: Path) -> Original:
    """Return the run with this id, or the latest finished one of this name. Raises UsageError when there is none.

    A run with `--set` is taken for its name only without others. Without a folder the run is searched in MLflow, also
    by MLflow's run id.
    """
    store = Store(root, read_only=True)
    folders = [folder for name in store.names() for folder in store.runs(name) if run in (name, folder.run_id)]
    finished = sorted(
        (folder for folder in folders if folder.is_finished()), key=lambda folder: not folder.is_try_out()
    )
    if finished:
        return from_folder(finished[-1], root)
    if folders:
        raise UsageError(f"{run}: the run is not finished; hint: run its spec first")
    place = destination(os.environ, root)
    with tempfile.TemporaryDirectory(prefix="run-spec-original-") as scratch:
        fetch = load_quietly("runner.track.documents").fetch_run
        facts = fetch(place, run, Path(scratch))
        if facts is None:
            raise UsageError(f"{run}: there is no run of this id or name in results/runs or {place.label}")
        return _from_files(Path(scratch), facts, place.label)


def from_folder(folder: RunFolder, root: Path) -> Original:
    """Return a finished run from its folder. Raises DataError when a document is absent."""
    trials = {model: folder.trials(model) for model in folder.models()}
    where = folder.path.relative_to(root).as_posix()
    return _from_files(folder.path, trial_facts(trials), where, whole=True)


def trial_facts(trials: Mapping[str, Iterable[TrialRecord]]) -> Facts:
    """Return the facts of all trials."""
    return {
        f"{model} trial {record.number} {name}": value
        for model, records in trials.items()
        for record in records
        for name, value in _of_trial(record.model_dump(mode="json"))
    }


def board_facts(document: Mapping[str, Any]) -> Facts:
    """Return the facts of the scoreboard in a results document."""
    facts: Facts = {}
    for row in document["results"]:
        facts |= {f"{row['model_name']} {name}": value for name, value in _of_row(row)}
    for test in document["comparisons"]:
        pair = f"{test['model']} against {test['against']}"
        facts |= {f"{pair} {name}": test[name] for name in ("statistic", "p_value")}
    return facts


def identity_differences(original: Original, digests: Mapping[str, str]) -> tuple[str, ...]:
    """Return one line for each change of sources, data, libraries and Python."""
    then, now = original.environment, {**environment(), **identity_of(original.spec).document()}
    lines = []
    if then.get("code") != now["code"]:
        commit = (then.get("git") or {}).get("commit")
        at = f", at commit {commit[:12]}" if commit else ""
        lines.append(
            f"code: the modules that change numbers were {_short(then.get('code'))}{at}, {_short(now['code'])} now"
        )
    lines += _changed("data: {0} had sha256 {1}, {2} now", then.get("data", {}), digests)
    lines += _changed("library: {0} was {1}, {2} now", then.get("libraries", {}), now["libraries"])
    lines += _changed("plug-in: {0} was {1}, {2} now", then.get("plugins", {}), now["plugins"])
    about = ("python", "implementation", "machine")
    lines += _changed("{0} was {1}, {2} now", {k: then.get(k) for k in about}, {k: now[k] for k in about})
    return tuple(lines)


def _changed(sentence: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            yield sentence.format(name, _short(then.get(name)), _short(now.get(name)))


def _short(value: Any) -> str:
    if value is None:
        return "absent"
    return f"{value[:12]}..." if isinstance(value, str) and len(value) == 64 else str(value)


def _from_files(path: Path, facts: Facts, place: str, *, whole: bool = False) -> Original:
    names = ("spec.resolved.json", "benchmark.json", "environment.json")
    spec, results, environment = (_document(path / name, place) for name in names)
    written = path / "spec.yaml"
    try:
        return Original(
            name=spec["name"],
            run_id=results["run_id"],
            place=place,
            spec=Experiment.model_validate(as_values(spec)),
            text=written.read_text(encoding="utf-8") if written.is_file() else "",
            environment=environment,
            facts={**facts, **board_facts(results)},
            trials={row["model_name"]: sum(row["trials"].values()) for row in results["results"] if row["trials"]},
            whole=whole,
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # a document of another shape
        absent = absent_plugins(environment)
        if absent:
            packages = ", ".join(f"{package} (`{name}`)" for name, package in absent.items())
            raise DataError(
                f"{place}: it used plug-ins that are not installed: {packages}; hint: install them"
            ) from None
        cause = f"{type(error).__name__}: {error}".splitlines()[0]
        hint = "repeat it with the version that made it"
        raise DataError(f"{place}: its documents are of another version ({cause}); hint: {hint}") from None


def _document(path: Path, place: str) -> Any:
    with suppress(OSError, ValueError):
        document = parse_json(path.read_bytes())
        if isinstance(document, dict):
            return document
    raise DataError(f"{place}: {path.name} is absent or damaged, so the run cannot be repeated")


def _of_trial(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((name, record[name]) for name in _OF_TRIAL)
    yield from record["params"].items()
    yield from record["scores"].items()
    yield from _of_windows(record["windows"])
    yield from ((f"curve at {point['rounds']} rounds", point["value"]) for point in record["curve"])


def _of_row(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((name, row[name]) for name in _OF_ROW)
    yield from row["params"].items()
    yield from ((f"weight of {member}", weight) for member, weight in row["weights"].items())
    yield from row["scores"].items()
    yield from _of_windows(row["windows"])


def _of_windows(windows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for window in windows:
        yield from ((f"{window['window']} {name}", value) for name, value in window["scores"].items())
        yield from ((f"{window['window']} {name}", window[name]) for name in _OF_WINDOW)
