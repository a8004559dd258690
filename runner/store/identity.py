"""What makes two runs the same run, and what else is worth knowing about where a run was made. All light."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from runner.files.checksum import digest

NUMERIC_MODULES: Final = (
    "values/panel",
    "data",
    "families/sources",
    "families/features",
    "families/models",
    "families/metrics",
    "search",
    "run/backtest",
    "run/trial",
    "run/plan",
    "run/benchmark",
    "run/final",
    "language/frequency",
    "language/tables",
)
"""Modules and packages whose sources make numbers."""
IDENTITY_LIBRARIES: Final = ("lightgbm", "catboost", "optuna", "numpy", "scipy", "pandas", "pyarrow", "holidays")
"""Libraries whose version is part of the identity: all that a number goes through."""
LIBRARIES: Final = (*IDENTITY_LIBRARIES, "mlflow", "pydantic")
_PACKAGE: Final = Path(__file__).resolve().parent.parent
_GIT_SECONDS: Final = 5.0


def run_id(resolved: Mapping[str, Any], data_digests: Mapping[str, str], code: str, versions: Mapping[str, str]) -> str:
    """12 hex digits that change with anything that could change a number: spec, data, sources, libraries.

    The keys of `data_digests` count too (two files that swap their contents are other data), so they must be
    written as in the spec and not as absolute paths.
    """
    libraries = {name: versions.get(name) for name in IDENTITY_LIBRARIES}
    ours = versions.get("run-spec")
    spec = numeric_part(resolved)
    return digest([spec, dict(data_digests), code, ours, libraries])[:12]


def numeric_part(resolved: Mapping[str, Any]) -> dict[str, Any]:
    """The resolved spec without what changes no number: description, run, tracking, gates and the study's budget."""
    part = {key: value for key, value in resolved.items() if key not in ("description", "run", "tracking", "gates")}
    if isinstance(part.get("study"), Mapping):
        part["study"] = {key: value for key, value in part["study"].items() if key != "budget"}
    return part


def look_key(resolved: Mapping[str, Any], data_digests: Mapping[str, str]) -> str:
    """Names a set of test windows: the same for all runs with equal data, test windows and steps to forecast."""
    forecast, evaluation = resolved["forecast"], resolved["evaluation"]
    windows = [forecast["horizon"], forecast["gap"], evaluation["test"], evaluation["anchor"]]
    return digest([resolved["data"], windows, dict(data_digests)])[:12]


def environment() -> dict[str, Any]:
    """Python, platform, processors and versions of the libraries (absent ones left out)."""
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Library -> version, this program included."""
    found = ((name, _version(name)) for name in ("run-spec", *LIBRARIES))
    return {name: number for name, number in found if number is not None}


@cache
def code_digest(package: Path = _PACKAGE) -> str:
    """sha256 over names and sources of the modules that make numbers; line ends do not count."""
    total = hashlib.sha256()
    for path in _sources(package):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.relative_to(package).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def git_state(root: Path) -> dict[str, Any]:
    """`{commit, dirty}` of the project; both None without git, outside a repository, or when git hangs.

    Dirty means that a tracked file differs from the commit.
    """
    commit = _git(root, "rev-parse", "HEAD")
    changes = None if commit is None else _git(root, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def _sources(package: Path) -> Iterator[Path]:
    for module in sorted(NUMERIC_MODULES):
        single = package / f"{module}.py"
        if single.is_file():
            yield single
        inside = (path for pattern in ("*.py", "*.json") for path in (package / module).rglob(pattern))
        yield from sorted(inside, key=lambda path: path.relative_to(package).as_posix())


def _git(root: Path, *arguments: str) -> str | None:
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            env=environ,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
