"""A panel on disk for worker processes: matrices that are mapped, not read; the rest as JSON; no pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from runner.errors import StoreError
from runner.files.atomic import mark_used, new_folder
from runner.values.panel import Covariate, Panel

_MATRICES = ("times", "y", "start", "stop")


def save_panel(panel: Panel, folder: Path) -> None:
    """Write the panel as `folder`, which appears whole or not at all. Raises StoreError when the disk refuses.

    A folder that is there already is left as it is: two processes may save the same panel.
    """
    if folder.exists():
        return
    try:
        with new_folder(folder) as scratch:
            _write(panel, scratch)
    except OSError as error:
        raise StoreError(f"{folder}: the panel cannot be written: {error.strerror}") from None


def open_panel(folder: Path) -> Panel:
    """Return the saved panel, its matrices mapped read-only. Raises StoreError when it is not whole."""
    try:
        about = json.loads((folder / "panel.json").read_text("utf-8"))
        arrays = {name: _map(folder, name) for name in _MATRICES}
        covariates = tuple(_covariate(folder, number, one) for number, one in enumerate(about["covariates"]))
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"{folder}: this is not a saved panel: {error}") from None
    mark_used(folder)
    ids = tuple(tuple(one) for one in about["ids"])
    return Panel(
        tuple(about["id_columns"]), ids, freq=about["freq"], covariates=covariates, digests=about["digests"], **arrays
    )


def _write(panel: Panel, folder: Path) -> None:
    for name in _MATRICES:
        np.save(folder / f"{name}.npy", getattr(panel, name), allow_pickle=False)
    for number, covariate in enumerate(panel.covariates):
        np.save(folder / f"covariate-{number}.npy", covariate.values, allow_pickle=False)
    about = {
        "id_columns": panel.id_columns,
        "ids": panel.ids,
        "freq": panel.freq,
        "covariates": [{"name": c.name, "role": c.role, "categories": c.categories} for c in panel.covariates],
        "digests": dict(panel.digests),
    }
    (folder / "panel.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")


def _map(folder: Path, name: str) -> Any:
    return np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)


def _covariate(folder: Path, number: int, about: dict[str, Any]) -> Covariate:
    categories = None if about["categories"] is None else tuple(about["categories"])
    return Covariate(about["name"], about["role"], _map(folder, f"covariate-{number}"), categories)
