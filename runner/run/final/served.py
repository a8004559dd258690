"""A final model as MLflow serves it. MLflow imports this module by name; it imports no MLflow itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd

from runner.run.final.apply import apply, load_members
from runner.run.final.frames import forecast_table, panel_of
from runner.run.final.manifest import read_manifest

_HINT: Final = "give rows for these times with the column filled and the target empty"


class FinalModel:
    """What `mlflow.pyfunc.load_model` returns. The files are read once for many predictions."""

    def __init__(self, payload: Path) -> None:
        self._payload = payload
        self.manifest = read_manifest(payload)
        self._saved = load_members(self.manifest, payload)

    def __repr__(self) -> str:
        return f"<FinalModel {self.manifest.model} of run {self.manifest.run_id}>"

    def predict(self, frame: pd.DataFrame, _params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return one row per series and step: ids, time, step, forecast, quantiles. Raises DataError."""
        panel = panel_of(frame, self.manifest)
        window, forecast = apply(self.manifest, self._payload, panel, hint=_HINT, saved=self._saved)
        table = forecast_table(panel, window, forecast, self.manifest.spec.forecast.quantiles).to_pandas()
        return _typed_ids(table, frame, panel.id_columns)


def _load_pyfunc(path: str) -> FinalModel:
    """Load the model; MLflow calls this with the path of the payload."""
    return FinalModel(Path(path))


def _typed_ids(table: pd.DataFrame, frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Ids as they came in, so that the forecast can be merged with the frame."""
    whole = [name for name in names if name in table and pd.api.types.is_integer_dtype(frame[name].dtype)]
    return table.astype({name: frame[name].dtype for name in whole})
