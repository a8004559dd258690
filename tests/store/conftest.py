"""Small records to store."""

from collections.abc import Callable

import pytest

from runner.store.run import RunFolder
from runner.values.records import Ask, CurvePoint, Generation, ModelResult, TrialRecord, WindowScore


@pytest.fixture
def run_folder(tmp_path) -> RunFolder:
    return RunFolder(tmp_path / "run", "sales", "0123456789ab")


@pytest.fixture
def trial() -> Callable[..., TrialRecord]:
    def make(number: int = 0, value: float = 0.1 + 0.2) -> TrialRecord:
        return TrialRecord(
            number=number,
            state="complete",
            params={"params.learning_rate": 0.1, "features.lags": [1, 2], "params.objective": "l1"},
            value=value,
            scores={"wape": value, "mape": None},
            windows=(WindowScore(window="tuning-1", scores={"wape": value}, n_cells=7),),
            curve=(CurvePoint(rounds=25, value=1e-300), CurvePoint(rounds=50, value=value)),
            seconds=1.5,
            reason='é \\ " \n ok',
        )

    return make


@pytest.fixture
def generation() -> Callable[[int], Generation]:
    def make(number: int = 0) -> Generation:
        asks = tuple(Ask(number=number * 2 + i, params={"x": 0.1 * i}) for i in range(2))
        return Generation(number=number, asks=asks)

    return make


@pytest.fixture
def result() -> ModelResult:
    return ModelResult(model="lightgbm", kind="lightgbm", status="ok", scores={"wape": 0.1})
