"""The Python API: run, load, plan and lint. It prints nothing and leaves signals alone.

A spec is a path, the name of an experiment, a mapping, or an `Experiment`. Heavy libraries are imported on use.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runner.api.findings import LintReport, PlanReport
from runner.language.find import find_spec
from runner.language.inline_yaml import flow
from runner.language.parse import Document
from runner.language.project import find_root
from runner.language.sections.experiment import Experiment
from runner.lint.engine import lint as lint_spec
from runner.progress import Listener
from runner.run.absent_plugins import parse_spec
from runner.store.folder import Store
from runner.store.run import RunFolder

if TYPE_CHECKING:
    from runner.api.recorded_run import Run

SpecLike = str | PathLike[str] | Mapping[str, Any] | Experiment
Overrides = Mapping[str, Any] | Sequence[str]
"""`{"study.budget.trials": 5}` or `["study.budget.trials=5"]`, as `--set` on the command line."""
_UNWRITTEN: Final = Path("<spec>")
"""Takes the place of a file for a spec that is a mapping; bases and data are relative to the current folder."""


def run(spec: SpecLike, overrides: Overrides = (), *, force: bool = False, progress: Listener | None = None) -> Run:
    """Run a spec as far as it is not done yet, and return what it found.

    `progress` is called with each event of `runner.progress`; by default a notebook shows bars, and a script nothing.
    Raises SpecError with every problem of the spec, and RunSpecError otherwise; what was finished is kept.
    """
    document = _document(spec, overrides)
    launch = importlib.import_module("runner.run.launch").launch
    screen = importlib.import_module("runner.api.screen")
    with screen.listener(progress) as tell:
        outcome = launch(document, _texts(overrides), force=force, tell=tell)
    return _open(outcome.folder)


def load(run: str | PathLike[str]) -> Run:
    """Return a finished run: by its id, by the name of its experiment (the newest one), or by its folder.

    Ids and names are looked up in the project that the current folder is in. Raises UsageError when there is none.
    """
    if Path(run, "status.json").is_file():
        return _open(Path(run).resolve())
    folder = Store(find_root(Path("here"))).find_run(fspath(run))
    return _open(folder.path)


def plan(spec: SpecLike, overrides: Overrides = ()) -> PlanReport:
    """Return what a run would do, with dates; nothing is run or written. Raises SpecError, DataError."""
    preview = importlib.import_module("runner.run.prepare").preview
    return PlanReport(*preview(_document(spec, overrides), _texts(overrides)))


def lint(spec: SpecLike, overrides: Overrides = (), *, data: bool = False) -> LintReport:
    """Return every problem of a spec, in reading order; with `data` also what the data show."""
    path, text = _source(spec)
    check_data = importlib.import_module("runner.data.checks").check_data if data else None
    return LintReport(lint_spec(path, _texts(overrides), check_data=check_data, text=text))


def _document(spec: SpecLike, overrides: Overrides) -> Document:
    path, text = _source(spec)
    return parse_spec(path, _texts(overrides), text)


def _source(spec: SpecLike) -> tuple[Path, str | None]:
    """Return the path of a spec, and its text where it has no file."""
    if isinstance(spec, Experiment):
        spec = spec.model_dump(mode="json", exclude_none=True)
    if isinstance(spec, Mapping):
        return _UNWRITTEN, "".join(f"{flow(str(key))}: {flow(value)}\n" for key, value in spec.items())
    return find_spec(fspath(spec)), None


def _texts(overrides: Overrides) -> tuple[str, ...]:
    if isinstance(overrides, Mapping):
        return tuple(f"{key}={flow(value)}" for key, value in overrides.items())
    return tuple(overrides)


def _open(path: Path) -> Run:
    """Return the run in `<root>/results/runs/<name>/<run id>`."""
    opened: Run = importlib.import_module("runner.api.recorded_run").Run(
        Store(path.parents[3]), RunFolder(path, path.parent.name, path.name)
    )
    return opened
