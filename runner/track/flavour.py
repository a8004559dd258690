"""A final model as an MLflow model: an `MLmodel` beside its payload, and the loader that `python_function` names.

MLmodel requirements.txt python_env.yaml conda.yaml input_example.json    for MLflow
payload/                                                                  native files and `recipe.json`

No pickle is written or read: MLflow imports this module and hands it the payload's path.
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, cast

import pandas as pd
import yaml
from mlflow import pyfunc
from mlflow.models import Model, ModelSignature
from mlflow.types.schema import AnyType, ColSpec, DataType, Schema

from runner.benchmark.forecasts import quantile_column
from runner.final.apply import apply, restore_members
from runner.final.frames import forecast_table, frame_of, panel_of
from runner.final.make import PAYLOAD
from runner.final.recipe import Recipe, read_recipe
from runner.load.times import time_names
from runner.panel import Panel
from runner.spec.data import TimeInteger
from runner.track.tags import MODEL, RUN_ID

LOADER: Final = "runner.track.flavour"
EXAMPLE_SERIES: Final = 2
_ALWAYS: Final = ("run-spec", "mlflow", "numpy", "pandas", "pyarrow", "pydantic", "pyyaml", "scipy")
_ANY: Final[Any] = cast(Any, AnyType)()
_EXAMPLE: Final = "input_example.json"
_MEND: Final = "give rows for these times with the column filled and the target empty"


class FinalModel:
    """What `mlflow.pyfunc.load_model` holds. Many predictions, one reading of the files."""

    def __init__(self, payload: Path) -> None:
        self._payload = payload
        self.recipe = read_recipe(payload)
        self._trained = restore_members(self.recipe, payload)

    def predict(self, frame: pd.DataFrame, _params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One row a series and step: ids, time, step, forecast and quantiles. Raises DataError for a frame at fault."""
        panel = panel_of(frame, self.recipe)
        window, forecast = apply(self.recipe, self._payload, panel, mend=_MEND, trained=self._trained)
        table = forecast_table(panel, window, forecast, self.recipe.spec.forecast.quantiles).to_pandas()
        return _typed_ids(table, frame, panel.id_columns)


def _load_pyfunc(path: str) -> FinalModel:
    """The loader that MLflow calls with the path of the payload."""
    return FinalModel(Path(path))


def write_flavour(folder: Path, recipe: Recipe, panel: Panel, moment: str) -> None:
    """Write what MLflow wants to find in a folder that has a payload. The same arguments write the same bytes."""
    requirements = pinned(recipe)
    (folder / "requirements.txt").write_text("\n".join(requirements) + "\n", encoding="utf-8")
    _write_yaml(folder / "python_env.yaml", _python_env())
    _write_yaml(folder / "conda.yaml", _conda_env(requirements))
    example = frame_of(panel, recipe, range(min(EXAMPLE_SERIES, panel.n_series)), _steps_shown(recipe))
    text = json.dumps(_split(example), ensure_ascii=False, allow_nan=False)
    (folder / _EXAMPLE).write_text(text + "\n", encoding="utf-8")
    model = Model(
        utc_time_created=moment,
        model_uuid=recipe.key,
        signature=signature(recipe, panel),
        saved_input_example_info={"artifact_path": _EXAMPLE, "type": "dataframe", "pandas_orient": "split"},
        metadata={RUN_ID: recipe.run_id, MODEL: recipe.model, "run_spec.until": recipe.until},
    )
    env = {"conda": "conda.yaml", "virtualenv": "python_env.yaml"}
    pyfunc.add_to_model(model, loader_module=LOADER, data=PAYLOAD, env=env)
    model.save(str(folder / "MLmodel"))


def signature(recipe: Recipe, panel: Panel) -> ModelSignature:
    """Columns in and out. Time and numeric covariates take any type: dates and flags come in several."""
    data = recipe.spec.data
    ids = [(name, _id_type(panel, place)) for place, name in enumerate(panel.id_columns)]
    whole = isinstance(data.time, TimeInteger)
    into: list[Any] = [ColSpec(kind, name) for name, kind in ids]
    into += [ColSpec(DataType.long if whole else _ANY, name) for name in time_names(data)]
    into += [ColSpec(DataType.double, data.target)]
    into += [ColSpec(DataType.string if c.categories else _ANY, c.name) for c in recipe.columns]
    out: list[Any] = [ColSpec(kind, name) for name, kind in ids]
    out += [ColSpec(DataType.long if whole else DataType.datetime, "time"), ColSpec(DataType.integer, "step")]
    out += [ColSpec(DataType.double, "forecast")]
    levels = recipe.spec.forecast.quantiles if recipe.offsets else ()
    out += [ColSpec(DataType.double, quantile_column(level)) for level in levels]
    return ModelSignature(Schema(into), Schema(out))


def pinned(recipe: Recipe) -> list[str]:
    """`name==version` of all that a prediction imports."""
    used = [*_ALWAYS, *(part.kind for part in recipe.trained)]
    if any(part.features and part.features.holidays for part in recipe.trained):
        used.append("holidays")
    return [f"{name}=={number}" for name in dict.fromkeys(used) if (number := _version(name)) is not None]


def _id_type(panel: Panel, place: int) -> DataType:
    """Whole numbers where every id is one as it is usually written; else text, so that 007 stays what it is."""
    texts = {ids[place] for ids in panel.ids}
    plain = all(text.isascii() and text.isdecimal() and str(int(text)) == text for text in texts)
    return DataType.long if plain else DataType.string


def _typed_ids(table: pd.DataFrame, frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Ids as they came in, so that the forecast can be merged with the frame."""
    whole = [name for name in names if name in table and pd.api.types.is_integer_dtype(frame[name].dtype)]
    return table.astype({name: frame[name].dtype for name in whole})


def _steps_shown(recipe: Recipe) -> int:
    return 2 * recipe.season + recipe.spec.forecast.gap + recipe.spec.forecast.horizon


def _split(frame: pd.DataFrame) -> dict[str, Any]:
    """The frame as MLflow reads it from JSON; moments as ISO text, what is missing as null."""
    columns = [[_plain(value) for value in frame[name].tolist()] for name in frame.columns]
    return {"columns": list(frame.columns), "data": [list(row) for row in zip(*columns, strict=True)]}


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return None if isinstance(value, float) and value != value else value


def _python_env() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "build_dependencies": ["pip", "setuptools", "wheel"],
        "dependencies": ["-r requirements.txt"],
    }


def _conda_env(requirements: list[str]) -> dict[str, Any]:
    inside = [f"python={platform.python_version()}", "pip", {"pip": requirements}]
    return {"name": "mlflow-env", "channels": ["conda-forge"], "dependencies": inside}


def _write_yaml(path: Path, document: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
