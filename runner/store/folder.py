"""Where everything of a project lies: the only module that knows paths below `results/`.

results/benchmarks/<name>.json      the results document
results/gates/<name>.md             the verdicts on its gates
results/published/<name>/           models, forecasts and figures of that run, under a name that does not change
results/runs/<name>/<run-id>/       one run
results/looks/<name>/<key>/         one empty file for each run that looked at these test windows
results/locks/<name>.lock           held while a run of that name goes on
results/cache/                      tables and panels that can be made again
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runner.errors import StoreError
from runner.files.atomic import free_bytes, show_bytes, store_error, write_bytes, write_text
from runner.files.documents import parse_json, write_json
from runner.store.run import Damage, RunFolder

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_RUN_ID = re.compile(r"[0-9a-f]{12}")
_ARCHIVED = re.compile(r"[0-9a-f]{12}\.old-\d+")
NEEDED_BYTES = 50_000_000
"""Free space without which a run is not begun: records and forecasts of a few thousand series, with room."""


class Store:
    """The results of a project, below `root`, the project's folder. Nothing is made before it is written."""

    def __init__(self, root: Path, *, read_only: bool = False) -> None:
        self.root = root
        self.results = root / "results"
        self.cache = self.results / "cache"
        self._read_only = read_only

    def run(self, name: str, run_id: str, on_damage: Callable[[Damage], None] | None = None) -> RunFolder:
        """The folder of one run, which need not exist yet."""
        path = self.results / "runs" / checked_name(name) / checked_name(run_id)
        return RunFolder(path, name, run_id, on_damage=on_damage, read_only=self._read_only)

    def runs(self, name: str) -> tuple[RunFolder, ...]:
        """Every run of that name, the one that was started first first."""
        parent = self.results / "runs" / checked_name(name)
        found = (path.name for path in parent.glob("*") if _RUN_ID.fullmatch(path.name))
        folders = (self.run(name, run_id) for run_id in found)
        return tuple(sorted(folders, key=lambda folder: (_started(folder), folder.run_id)))

    def archived(self, name: str) -> tuple[RunFolder, ...]:
        """Runs that were set aside so that they begin anew, under the ids that they had; the oldest first."""
        parent = self.results / "runs" / checked_name(name)
        found = [path for path in parent.glob("*.old-*") if _ARCHIVED.fullmatch(path.name) and path.is_dir()]
        folders = (RunFolder(path, name, path.name[:12], read_only=self._read_only) for path in found)
        return tuple(sorted(folders, key=lambda folder: (_started(folder), folder.path.name)))

    def finished(self, name: str) -> list[RunFolder]:
        """Runs whose last command came to its end, the one that was started last last."""
        return [run for run in self.runs(name) if run.is_finished()]

    def benchmarked(self, name: str) -> list[RunFolder]:
        """Runs that have worked through a budget, and may be at a larger one; the one that was started last last."""
        return [run for run in self.runs(name) if run.has_finished()]

    def tried_out(self, name: str) -> list[RunFolder]:
        """Runs with `--set` that came to their end: their results are in their own folders only."""
        return [run for run in self.benchmarked(name) if run.is_try_out()]

    def with_results(self, name: str) -> list[RunFolder]:
        """Runs with a results document, the one with the newest last; those with `--set` before all others."""
        dated = [(run.document("benchmark"), run) for run in self.runs(name)]
        known = [(str(document.get("timestamp", "")), run) for document, run in dated if isinstance(document, dict)]
        return [run for _, run in sorted(known, key=lambda pair: (not pair[1].is_try_out(), pair[0]))]

    def names(self) -> tuple[str, ...]:
        """Names that have runs."""
        found = (path.name for path in (self.results / "runs").glob("*") if path.is_dir())
        return tuple(sorted(name for name in found if _NAME.fullmatch(name)))

    def benchmark_path(self, name: str) -> Path:
        return self.results / "benchmarks" / f"{checked_name(name)}.json"

    def benchmark_names(self) -> tuple[str, ...]:
        """Names that have a results document."""
        found = self.benchmark_path("x").parent.glob("*.json")
        return tuple(sorted(path.stem for path in found if path.is_file() and _NAME.fullmatch(path.stem)))

    def benchmark(self, name: str) -> Any:
        """The canonical results document of that name; None when it is absent or no JSON document."""
        try:
            return parse_json(self.benchmark_path(name).read_bytes())
        except (OSError, ValueError):
            return None

    def write_benchmark(self, name: str, document: Any) -> Path:
        """The canonical results document of that name."""
        path = self.benchmark_path(name)
        write_json(path, document)
        return path

    def write_gates(self, name: str, text: str) -> Path:
        """The Markdown summary of that name's gates."""
        path = self.results / "gates" / f"{checked_name(name)}.md"
        write_text(path, text)
        return path

    def published_path(self, name: str) -> Path:
        """A folder with what others may build upon: it is there whole or not at all."""
        return self.results / "published" / checked_name(name)

    def lock_path(self, name: str) -> Path:
        """For `runner.store.lock.lock`."""
        return self.results / "locks" / f"{checked_name(name)}.lock"

    def count_look(self, name: str, key: str, run_id: str) -> int:
        """How many different runs have looked at these test windows, this one included. Counting twice is once."""
        folder = self.results / "looks" / checked_name(name) / checked_name(key)
        mine = folder / checked_name(run_id)
        if not mine.exists():
            write_bytes(mine, b"")
        return sum(1 for path in folder.iterdir() if _NAME.fullmatch(path.name))

    def preflight(self, needed: int = NEEDED_BYTES) -> None:
        """Raises StoreError, in one line, when the folder cannot be written or the disk is all but full."""
        probe = self.results / ".preflight"
        write_bytes(probe, b"")
        try:
            probe.unlink(missing_ok=True)
        except OSError as error:
            raise store_error(probe, error) from error
        free = free_bytes(self.results)
        if free is not None and free < needed:
            raise StoreError(
                f"{self.results}: too little space on the disk: needed {show_bytes(needed)}, "
                f"free {show_bytes(free)}; make space and run the same command again"
            )


def is_run_id(text: str) -> bool:
    """Whether it has the shape of an id of ours; what has not was made by others, and belongs in no question."""
    return _RUN_ID.fullmatch(text) is not None


def checked_name(name: str) -> str:
    """The name, when it is safe as a part of a path; else StoreError."""
    if not _NAME.fullmatch(name):
        raise StoreError(f"{name!r} is no name for a folder: use a-z, 0-9, dot, dash and underscore, at most 100")
    return name


def _started(folder: RunFolder) -> str:
    status = folder.status()
    return status.started if status else ""
