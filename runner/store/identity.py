"""Compute the id of a run, and describe the environment it was made in. Needs no heavy import."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from runner.files.checksum import digest
from runner.language.members_used import members_used, plugins_used
from runner.language.sections.experiment import Experiment
from runner.members.registry import FAMILIES

CORE: Final = (
    "values",
    "members",
    "language/frequency.py",
    "language/tables",
    "data",
    "families",
    "search",
    "run/backtest.py",
    "run/benchmark",
    "run/final",
    "run/early_stopping.py",
    "run/plan.py",
    "run/trial.py",
)
"""Files and folders below the package whose sources can change a number, the modules of members included."""
CORE_LIBRARIES: Final = ("numpy", "pandas", "pyarrow", "optuna", "scipy")
"""Libraries that can change the numbers of every run."""
_OTHER_LIBRARIES: Final = ("mlflow", "pydantic")
_PACKAGE: Final = Path(__file__).resolve().parent.parent
_GIT_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Identity:
    """What a run's numbers depend on besides its spec and its data."""

    code: str  # sha256 over the sources of the core and of the members that the spec uses
    libraries: Mapping[str, str]  # distribution -> version; those of the core and of these members
    plugins: Mapping[str, str]  # `models.holt` -> distribution, version and digest of its sources

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"code": self.code, "libraries": dict(self.libraries), "plugins": dict(self.plugins)}


def identity_of(spec: Experiment) -> Identity:
    """Return the identity of the code that runs a spec: the core, and the members that the spec uses."""
    used = members_used(spec).values()
    names = sorted({*CORE_LIBRARIES, *(library for member in used for library in member.libraries)})
    libraries = {name: number for name in ("run-spec", *names) if (number := _version(name)) is not None}
    plugins = {
        key: f"{plugin.distribution} {plugin.version} {plugin.digest()[:12]}"
        for key, plugin in sorted(plugins_used(spec).items())
    }
    return Identity(code_digest(frozenset(member.module for member in used)), libraries, plugins)


def run_id(resolved: Mapping[str, Any], data_digests: Mapping[str, str], identity: Identity) -> str:
    """Return 12 hex digits that change with anything that can change a number.

    The keys of `data_digests` count too, because two files that swap their contents are other data: write them as in
    the spec, not as absolute paths.
    """
    return digest([numeric_part(resolved), dict(data_digests), identity.document()])[:12]


def numeric_part(resolved: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resolved spec without description, run, tracking, gates and budget, which change no number."""
    part = {key: value for key, value in resolved.items() if key not in ("description", "run", "tracking", "gates")}
    if isinstance(part.get("study"), Mapping):
        part["study"] = {key: value for key, value in part["study"].items() if key != "budget"}
    return part


def look_key(resolved: Mapping[str, Any], data_digests: Mapping[str, str]) -> str:
    """Return a key of the test windows, equal for runs with equal data, test windows and forecast steps."""
    forecast, evaluation = resolved["forecast"], resolved["evaluation"]
    windows = [forecast["horizon"], forecast["gap"], evaluation["test"], evaluation["anchor"]]
    return digest([resolved["data"], windows, dict(data_digests)])[:12]


def environment() -> dict[str, Any]:
    """Return Python, platform, processors and the versions of the installed libraries."""
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return library -> version, run-spec and the libraries of all built-in members included."""
    members = (library for family in FAMILIES.values() for member in family for library in member.libraries)
    names = dict.fromkeys(("run-spec", *CORE_LIBRARIES, *members, *_OTHER_LIBRARIES))
    return {name: number for name in names if (number := _version(name)) is not None}


@cache
def code_digest(modules: frozenset[str], package: Path = _PACKAGE) -> str:
    """Return the sha256 over names and sources of the core and of the given members' modules.

    Sources of other members do not count, nor do line ends.
    """
    others = {member.module for family in FAMILIES.values() for member in family} - modules
    total = hashlib.sha256()
    for path in _sources(package):
        name = path.relative_to(package)
        if ".".join(("runner", *name.with_suffix("").parts)) in others:
            continue
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{name.as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def git_state(root: Path) -> dict[str, Any]:
    """Return `{commit, dirty}` of the project; both None without git, outside a repository, or when git hangs.

    Dirty means that a tracked file differs from the commit.
    """
    commit = _git(root, "rev-parse", "HEAD")
    changes = None if commit is None else _git(root, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def _sources(package: Path) -> Iterator[Path]:
    for part in sorted(CORE):
        if (package / part).is_file():
            yield package / part
        inside = (path for pattern in ("*.py", "*.json") for path in (package / part).rglob(pattern))
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
