"""Which revision of a data file DVC has: what it wrote beside the file, or into the lock of its pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml


def dvc_revisions(root: Path, files: Iterable[str]) -> dict[str, str]:
    """File, relative to the project's root -> md5 by which DVC knows it; files that DVC does not track are left out."""
    locked = dict(_outputs(_stages(root / "dvc.lock")))
    found = {file: _beside(root, file) or locked.get(file) for file in files}
    return {file: revision for file, revision in found.items() if revision is not None}


def _beside(root: Path, file: str) -> str | None:
    """From `<file>.dvc`, or that of a folder above it."""
    for place in (Path(file), *Path(file).parents):
        if place.name:
            known = dict(_outputs([_read(root / f"{place}.dvc")]))
            if place.name in known:
                return known[place.name]
    return None


def _stages(path: Path) -> list[Any]:
    stages = _read(path).get("stages")
    return list(stages.values()) if isinstance(stages, dict) else []


def _outputs(stages: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for stage in stages:
        outs = stage.get("outs") if isinstance(stage, dict) else None
        for out in outs if isinstance(outs, list) else []:
            if isinstance(out, dict) and isinstance(out.get("path"), str) and isinstance(out.get("md5"), str):
                yield out["path"], out["md5"]


def _read(path: Path) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return tree if isinstance(tree, dict) else {}
