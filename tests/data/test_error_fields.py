"""An error of the data says by fields, not only in words, what it is about."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path

import pytest
from load_worlds import TIDY, panel

from runner.errors import DataCode, DataError

RUNNER = Path(__file__).parents[2] / "runner"
FILES = sorted(path for room in ("data", "families") for path in (RUNNER / room).rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(RUNNER).as_posix())
def test_raised_data_error_names_its_key(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    errors = [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in _MAKERS]
    assert [call.lineno for call in errors if "key" not in {keyword.arg for keyword in call.keywords}] == []


_MAKERS = ("DataError", "error_at")


def test_bad_number_names_place_and_value(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        panel(tmp_path, TIDY.replace("20.5", "2O.5"))
    error = caught.value
    assert (error.code, error.key, error.column) == (DataCode.BAD_TARGET, "data.target", "sales")
    assert (error.file, error.row, error.value) == ("a.csv", "5", "2O.5")


def test_changing_static_names_its_role(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        panel(tmp_path, TIDY.replace("21.5,0,S", "21.5,0,N"))
    assert (caught.value.code, caught.value.key) == (DataCode.STATIC_VARIES, "data.covariates.static")


def test_data_error_keeps_fields_when_pickled() -> None:
    error = pickle.loads(pickle.dumps(DataError("x", key="data.freq", value="W")))
    assert (str(error), error.key, error.value) == ("x", "data.freq", "W")
