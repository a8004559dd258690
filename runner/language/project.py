"""Where a spec lives: the project root, what `[tool.run-spec]` allows, and the paths that stay inside."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.errors import UsageError


def find_root(spec: Path) -> Path:
    """Return the nearest parent folder with `pyproject.toml` or `.git`, else the folder of the spec."""
    folder = spec.absolute().parent
    for parent in (folder, *folder.parents):
        if (parent / "pyproject.toml").is_file() or (parent / ".git").exists():
            return parent.resolve()
    return folder.resolve()


def settings(root: Path) -> Mapping[str, Any]:
    """Return the table `[tool.run-spec]` of the root's pyproject.toml, or {}. Raises UsageError."""
    file = root / "pyproject.toml"
    if not file.is_file():
        return {}
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("run-spec", {})
    except (OSError, ValueError, AttributeError) as error:
        raise UsageError(f"{file}: cannot be read as TOML: {error}") from None
    return table if isinstance(table, dict) else {}


def allowed_names(root: Path) -> frozenset[str]:
    """Return the environment variables that `{env: NAME}` may read. Raises UsageError for a malformed list."""
    return frozenset(_texts(root, "env"))


def data_roots(root: Path) -> tuple[Path, ...]:
    """Return the folders of data: the root, then those of `[tool.run-spec] data_roots`."""
    return (root, *((root / Path(name).expanduser()).resolve() for name in _texts(root, "data_roots")))


def _texts(root: Path, key: str) -> tuple[str, ...]:
    values = settings(root).get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise UsageError(f"{root / 'pyproject.toml'}: [tool.run-spec] {key} must be a list of texts")
    return tuple(values)


def confine(path: Path, roots: tuple[Path, ...]) -> str | None:
    """Return why a path is refused (outside every root, symlinks resolved, or no regular file), or None."""
    try:
        target = path.resolve(strict=True)
        mode = target.stat().st_mode
    except FileNotFoundError:
        return "there is no such file"
    except (OSError, RuntimeError, ValueError) as error:
        return f"it cannot be opened ({getattr(error, 'strerror', None) or 'not a path'})"
    if not any(target.is_relative_to(root) for root in roots):
        return "it is outside the project"
    return None if stat.S_ISREG(mode) else "it is not a regular file"
