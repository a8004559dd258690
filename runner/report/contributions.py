"""What a trained model looks at, from its native files alone: feature -> share."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

READERS: Final[Mapping[str, str]] = {
    "model.txt": "runner.report.contributions:lightgbm_gains",
    "model.cbm": "runner.report.catboost_file:catboost_values",
}
"""Native file -> its reader, which may import a library."""


def contributions(folder: Path) -> Mapping[str, float]:
    """Feature -> share of the model's own importance; empty for a model that has none or cannot be read."""
    for name, reader in READERS.items():
        if (folder / name).is_file():
            module, _, function = reader.partition(":")
            try:
                values = getattr(importlib.import_module(module), function)(folder / name)
                return _shares(_names(folder), values)
            except (OSError, ValueError, KeyError, IndexError):
                return {}
    return {}


def lightgbm_gains(path: Path) -> dict[int, float]:
    """Position of a feature -> total gain of its splits, read from LightGBM's text format (v4) without the library."""
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
    whole = sum(values.values())
    return {names[place]: value / whole for place, value in values.items() if value > 0} if whole > 0 else {}
