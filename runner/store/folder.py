"""Lay out the results of a project: the only module that knows paths below `results/`.

results/benchmarks/<name>.json      the results document
results/gates/<name>.md             the verdicts on its gates, for a pull request
results/published/<name>/           models, forecasts and plots of that run, in a folder whose name stays
results/runs/<name>/<run-id>/       one run
results/looks/<name>/<key>/         one empty file for each run that has scored these test windows
results/locks/<name>.lock           locked while a run of that name is active
results/cache/                      tables and panels that can be made again
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runner.errors import StoreError, UsageError, did_you_mean
from runner.files.atomic import free_bytes, show_bytes, store_error, write_bytes, write_text
from runner.files.documents import parse_json, write_json
from runner.store.run import Damage, RunFolder

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_RUN_ID = re.compile(r"[0-9a-f]{12}")
_ARCHIVED = re.compile(r"[0-9a-f]{12}\.old-\d+")
NEEDED_BYTES = 50_000_000
"""Free space that a run needs to start: room for records and forecasts of a few thousand series."""


class Store:
    """The results below `root`, the folder of a project. Reading creates nothing."""

    def __init__(self, root: Path, *, read_only: bool = False) -> None:
        self.root = root
        self.results = root / "results"
        self.cache = self.results / "cache"
        self._read_only = read_only

    def run(self, name: str, run_id: str, on_damage: Callable[[Damage], None] | None = None) -> RunFolder:
        """Return the folder of one run, which need not exist yet."""
        path = self.results / "runs" / checked_name(name) / checked_name(run_id)
        return RunFolder(path, name, run_id, on_damage=on_damage, read_only=self._read_only)

    def runs(self, name: str) -> tuple[RunFolder, ...]:
        """Return every run of a name, in order of their first start."""
        parent = self.results / "runs" / checked_name(name)
        ids = (path.name for path in parent.glob("*") if _RUN_ID.fullmatch(path.name))
        folders = (self.run(name, run_id) for run_id in ids)
        return tuple(sorted(folders, key=lambda folder: (_started(folder), folder.run_id)))

    def archived(self, name: str) -> tuple[RunFolder, ...]:
        """Return the runs that `--force` has archived, under their ids, the oldest first."""
        parent = self.results / "runs" / checked_name(name)
        paths = [path for path in parent.glob("*.old-*") if _ARCHIVED.fullmatch(path.name) and path.is_dir()]
        folders = (RunFolder(path, name, path.name[:12], read_only=self._read_only) for path in paths)
        return tuple(sorted(folders, key=lambda folder: (_started(folder), folder.path.name)))

    def finished(self, name: str) -> list[RunFolder]:
        """Return the runs whose last command finished, in order of their first start."""
        return [run for run in self.runs(name) if run.is_finished()]

    def benchmarked(self, name: str) -> list[RunFolder]:
        """Return the runs that have completed a budget, and may be working on a larger one."""
        return [run for run in self.runs(name) if run.has_finished()]

    def tried_out(self, name: str) -> list[RunFolder]:
        """Return the completed runs with `--set`, whose results are in their own folders only."""
        return [run for run in self.benchmarked(name) if run.is_try_out()]

    def with_results(self, name: str) -> list[RunFolder]:
        """Return the runs with a results document, the newest last; those with `--set` come before all others."""
        pairs = [(run.document("benchmark"), run) for run in self.runs(name)]
        dated = [(str(document.get("timestamp", "")), run) for document, run in pairs if isinstance(document, dict)]
        return [run for _, run in sorted(dated, key=lambda pair: (not pair[1].is_try_out(), pair[0]))]

    def find_run(self, target: str) -> RunFolder:
        """Return the run of that id (`RUN` or `NAME/RUN`), or the one with the newest results of that name.

        Raises UsageError when there is none.
        """
        name, _, run_id = target.partition("/")
        names = self.names()
        if run_id:
            runs = [run for run in (self.with_results(name) if name in names else []) if run.run_id == run_id]
        elif name in names:
            runs = self.with_results(name)
        else:
            runs = [run for experiment in names for run in self.with_results(experiment) if run.run_id == name]
        if not runs:
            hint = did_you_mean(name, names) or f"hint: {', '.join(names) or '`run-spec SPEC` makes one'}"
            raise UsageError(f"{target}: there is no finished run of that name or id; {hint}")
        return runs[-1]

    def names(self) -> tuple[str, ...]:
        """Return the names that have runs."""
        folders = (path.name for path in (self.results / "runs").glob("*") if path.is_dir())
        return tuple(sorted(name for name in folders if _NAME.fullmatch(name)))

    def benchmark_path(self, name: str) -> Path:
        """Return the file of the results document."""
        return self.results / "benchmarks" / f"{checked_name(name)}.json"

    def benchmark_names(self) -> tuple[str, ...]:
        """Return the names that have a results document."""
        files = self.benchmark_path("x").parent.glob("*.json")
        return tuple(sorted(path.stem for path in files if path.is_file() and _NAME.fullmatch(path.stem)))

    def benchmark(self, name: str) -> Any:
        """Return the canonical results document of a name; None when it is absent or not JSON."""
        try:
            return parse_json(self.benchmark_path(name).read_bytes())
        except (OSError, ValueError):
            return None

    def write_benchmark(self, name: str, document: Any) -> Path:
        """Write the canonical results document of a name."""
        path = self.benchmark_path(name)
        write_json(path, document)
        return path

    def write_gates(self, name: str, text: str) -> Path:
        """Write the Markdown summary of a name's gates."""
        path = self.results / "gates" / f"{checked_name(name)}.md"
        write_text(path, text)
        return path

    def published_path(self, name: str) -> Path:
        """Return the published folder of a name."""
        return self.results / "published" / checked_name(name)

    def lock_path(self, name: str) -> Path:
        """Return the file for `runner.store.lock.lock`."""
        return self.results / "locks" / f"{checked_name(name)}.lock"

    def count_look(self, name: str, key: str, run_id: str) -> int:
        """Record that a run scores these test windows, and return how many different runs have done so."""
        folder = self.results / "looks" / checked_name(name) / checked_name(key)
        mark = folder / checked_name(run_id)
        if not mark.exists():
            write_bytes(mark, b"")
        return sum(1 for path in folder.iterdir() if _NAME.fullmatch(path.name))

    def preflight(self, needed: int = NEEDED_BYTES) -> None:
        """Check that the folder can be written and the disk has space. Raises StoreError."""
        probe = self.results / ".preflight"
        write_bytes(probe, b"")
        try:
            probe.unlink(missing_ok=True)
        except OSError as error:
            raise store_error(probe, error) from error
        free = free_bytes(self.results)
        if free is not None and free < needed:
            raise StoreError(
                f"{self.results}: too little space on the disk (needed {show_bytes(needed)}, "
                f"free {show_bytes(free)}); hint: make space and run the same command again"
            )


def is_run_id(text: str) -> bool:
    """Return whether a text has the shape of a run id."""
    return _RUN_ID.fullmatch(text) is not None


def checked_name(name: str) -> str:
    """Return a name that is safe as a part of a path. Raises StoreError for another."""
    if not _NAME.fullmatch(name):
        raise StoreError(f"{name!r} cannot name a folder; hint: use at most 100 of a-z, 0-9, dot, dash and underscore")
    return name


def _started(folder: RunFolder) -> str:
    status = folder.status()
    return status.started if status else ""
