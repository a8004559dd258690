"""A final model as an MLflow model: an `MLmodel` next to its payload.

MLmodel requirements.txt python_env.yaml conda.yaml input_example.json    for MLflow
payload/                                                                  native files and the manifest

No pickle is written or read: MLflow imports the loader by name and hands it the payload's path.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import yaml
from mlflow import pyfunc
from mlflow.models import Model, ModelSignature
from mlflow.types.schema import AnyType, ColSpec, DataType, Schema

_ANY: Final[Any] = cast(Any, AnyType)()
_EXAMPLE: Final = "input_example.json"

ColumnType = tuple[str, str]
"""(type, column): `any`, `string`, `long`, `integer`, `double` or `datetime`, and the name."""


@dataclass(frozen=True)
class Flavor:
    """What MLflow needs to know of a final model."""

    loader: str  # module with `_load_pyfunc`
    payload: str  # folder that it is called with
    key: str
    moment: str  # when it was made, UTC
    inputs: tuple[ColumnType, ...]
    outputs: tuple[ColumnType, ...]
    example: Mapping[str, Any]  # `columns` and `data`, as pandas splits a frame
    requirements: tuple[str, ...]  # `name==version`
    metadata: Mapping[str, str]


def write_flavor(folder: Path, flavor: Flavor) -> None:
    """Write the files MLflow expects into a folder that has a payload. The same flavor writes the same bytes."""
    (folder / "requirements.txt").write_text("\n".join(flavor.requirements) + "\n", encoding="utf-8")
    _write_yaml(folder / "python_env.yaml", _python_env())
    _write_yaml(folder / "conda.yaml", _conda_env(flavor.requirements))
    text = json.dumps(flavor.example, ensure_ascii=False, allow_nan=False)
    (folder / _EXAMPLE).write_text(text + "\n", encoding="utf-8")
    model = Model(
        utc_time_created=flavor.moment,
        model_uuid=flavor.key,
        signature=ModelSignature(_schema(flavor.inputs), _schema(flavor.outputs)),
        saved_input_example_info={"artifact_path": _EXAMPLE, "type": "dataframe", "pandas_orient": "split"},
        metadata=dict(flavor.metadata),
    )
    env = {"conda": "conda.yaml", "virtualenv": "python_env.yaml"}
    pyfunc.add_to_model(model, loader_module=flavor.loader, data=flavor.payload, env=env)
    model.save(str(folder / "MLmodel"))


def _schema(columns: Sequence[ColumnType]) -> Schema:
    return Schema([ColSpec(_ANY if kind == "any" else DataType[kind], name) for kind, name in columns])


def _python_env() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "build_dependencies": ["pip", "setuptools", "wheel"],
        "dependencies": ["-r requirements.txt"],
    }


def _conda_env(requirements: Sequence[str]) -> dict[str, Any]:
    inside = [f"python={platform.python_version()}", "pip", {"pip": list(requirements)}]
    return {"name": "mlflow-env", "channels": ["conda-forge"], "dependencies": inside}


def _write_yaml(path: Path, document: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
