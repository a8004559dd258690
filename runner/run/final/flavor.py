"""Manifest -> what MLflow needs to know of the final model: signature, example, requirements."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import pandas as pd

from runner.data.times import time_names
from runner.language.members_used import plugins_used
from runner.language.sections.data import TimeInteger
from runner.members.models.registry import MODELS
from runner.run.benchmark.forecasts import quantile_column
from runner.run.final.frames import frame_of
from runner.run.final.make import PAYLOAD
from runner.run.final.manifest import Manifest
from runner.track.flavor import ColumnType, Flavor
from runner.track.tags import MODEL, RUN_ID
from runner.values.panel import Panel

LOADER: Final = "runner.run.final.served"
EXAMPLE_SERIES: Final = 2
_ALWAYS: Final = ("run-spec", "mlflow", "numpy", "pandas", "pyarrow", "pydantic", "pyyaml", "scipy")


def flavor_of(manifest: Manifest, panel: Panel, moment: str) -> Flavor:
    """Return what MLflow needs to know of a final model."""
    example = frame_of(panel, manifest, range(min(EXAMPLE_SERIES, panel.n_series)), _steps_shown(manifest))
    inputs, outputs = signature(manifest, panel)
    return Flavor(
        loader=LOADER,
        payload=PAYLOAD,
        key=manifest.key,
        moment=moment,
        inputs=inputs,
        outputs=outputs,
        example=_split(example),
        requirements=tuple(pinned(manifest)),
        metadata={RUN_ID: manifest.run_id, MODEL: manifest.model, "run_spec.until": manifest.until},
    )


def signature(manifest: Manifest, panel: Panel) -> tuple[tuple[ColumnType, ...], tuple[ColumnType, ...]]:
    """Return the columns in and out. Time and numeric covariates take any type: dates and flags come in several."""
    data = manifest.spec.data
    ids = [(_id_type(panel, place), name) for place, name in enumerate(panel.id_columns)]
    whole = isinstance(data.time, TimeInteger)
    inputs: list[ColumnType] = [
        *ids,
        *(("long" if whole else "any", name) for name in time_names(data)),
        ("double", data.target),
        *(("string" if c.text else "any", c.name) for c in manifest.columns),
    ]
    levels: Iterable[float] = manifest.spec.forecast.quantiles if manifest.offsets else ()
    outputs: list[ColumnType] = [
        *ids,
        ("long" if whole else "datetime", "time"),
        ("integer", "step"),
        ("double", "forecast"),
        *(("double", quantile_column(level)) for level in levels),
    ]
    return tuple(inputs), tuple(outputs)


def pinned(manifest: Manifest) -> list[str]:
    """Return `name==version` of everything that a prediction imports."""
    used = [*_ALWAYS, *(library for part in manifest.parts for library in MODELS[part.kind].libraries)]
    asked = (member for part in manifest.parts if part.features for member, _ in part.features.asked())
    used += [library for member in asked for library in member.libraries]
    used += [plugin.distribution for plugin in plugins_used(manifest.spec).values()]
    return [f"{name}=={number}" for name in dict.fromkeys(used) if (number := _version(name)) is not None]


def _id_type(panel: Panel, place: int) -> str:
    """Whole numbers where every id is one as it is usually written; else text, so that 007 stays what it is."""
    texts = {ids[place] for ids in panel.ids}
    plain = all(text.isascii() and text.isdecimal() and str(int(text)) == text for text in texts)
    return "long" if plain else "string"


def _steps_shown(manifest: Manifest) -> int:
    return 2 * manifest.season + manifest.spec.forecast.gap + manifest.spec.forecast.horizon


def _split(frame: pd.DataFrame) -> dict[str, Any]:
    """The frame as MLflow reads it from JSON; moments as ISO text, missing values as null."""
    columns = [[_plain(value) for value in frame[name].tolist()] for name in frame.columns]
    return {"columns": list(frame.columns), "data": [list(row) for row in zip(*columns, strict=True)]}


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return None if isinstance(value, float) and value != value else value


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
