"""Read how much each feature contributes, from a final model's document or a native model file."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

KEPT: Final = "contributions.json"
"""The document next to the native files of a final model's members."""
Unit = Literal["target", "raw", "share"]

READERS: Final[Mapping[str, tuple[str, str]]] = {
    "model.txt": ("runner.results.contributions:lightgbm_gains", "the total gain of its splits"),
    "model.cbm": ("runner.results.catboost_file:catboost_values", "the mean change of its prediction"),
}
"""Native file -> its reader, which may import a library, and what it reads."""


@dataclass(frozen=True)
class Importance:
    """How much each feature contributes to a model's forecasts."""

    sizes: Mapping[str, float]
    unit: Unit  # of the target, of the objective's raw score, or share of `measure`
    measure: str  # what `sizes` are, or of how many rows


def importance(model: str, final: Path | None, native: Path | None) -> Importance | None:
    """Return contributions to the final model's forecasts, else the native file's importance, else None."""
    contributions = _kept(final, model) if final is not None else None
    return contributions or (_own(native) if native is not None else None)


def kept_path(final: Path, model: str) -> Path:
    """Return the file with the contributions of a final model's member."""
    return final / "payload" / "members" / model / KEPT


def _kept(final: Path, model: str) -> Importance | None:
    try:
        document: Any = json.loads(kept_path(final, model).read_bytes())
        sizes = {str(name): float(size) for name, size in document["mean_abs"].items()}
        unit, rows = document["unit"], int(document["rows"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if unit not in ("target", "raw") or not all(math.isfinite(size) and size >= 0 for size in sizes.values()):
        return None
    return Importance(sizes, unit, f"{rows:,} row{'s' if rows != 1 else ''}") if any(sizes.values()) else None


def _own(folder: Path) -> Importance | None:
    for name, (reader, measure) in READERS.items():
        if (folder / name).is_file():
            module, _, function = reader.partition(":")
            try:
                values = getattr(importlib.import_module(module), function)(folder / name)
                shares = _shares(_names(folder), values)
            except (OSError, ValueError, KeyError, IndexError):
                return None
            return Importance(shares, "share", measure) if shares else None
    return None


def lightgbm_gains(path: Path) -> dict[int, float]:
    """Return feature position -> total gain of its splits, from LightGBM's text format (v4), without the library."""
    gains: dict[int, float] = {}
    features: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("split_feature="):
            features = line.removeprefix("split_feature=").split()
        elif line.startswith("split_gain="):
            for feature, gain in zip(features, line.removeprefix("split_gain=").split(), strict=False):
                gains[int(feature)] = gains.get(int(feature), 0.0) + float(gain)
    return gains


def _names(folder: Path) -> list[str]:
    names: list[str] = json.loads((folder / "meta.json").read_text("utf-8"))["features"]
    return names


def _shares(names: list[str], values: Mapping[int, float]) -> dict[str, float]:
    total = sum(values.values())
    return {names[place]: value / total for place, value in values.items() if value > 0} if total > 0 else {}
