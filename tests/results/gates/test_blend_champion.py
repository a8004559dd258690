"""A blend on the champion's place: it forecasts, gives way to a second version, comes back, and stays when tidied."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from places import Place, make

pytestmark = pytest.mark.slow
SPEC = """\
version: 1
name: small
data:
  source: {synthetic: {series: 3, steps: 60, season: 12, seed: 1}}
  series: [series]
  time: time
  target: y
  freq: MS
  covariates: {known: [promo], static: [kind]}
forecast: {horizon: 4, season: 12, quantiles: [0.1, 0.9]}
evaluation: {tuning: {windows: 1}, test: {windows: 2}, baseline: naive}
models: {naive: {}, seasonal_naive: {}, drift: {}, mixed: {use: blend, of: [seasonal_naive, drift]}}
run: {workers: 1}
tracking: {register: best}
"""


def _versions(place: Place) -> list[tuple[str, ...]]:
    """(version, alias)."""
    query = (
        "select v.version, coalesce(a.alias, '') from model_versions v "
        "left join registered_model_aliases a on a.version = v.version order by v.version"
    )
    with closing(sqlite3.connect(place.root / "mlruns" / "mlflow.db")) as connection:
        return [tuple(map(str, row)) for row in connection.execute(query)]


def _forecast(place: Place, model: str) -> bytes:
    done = place("forecast", "small.yaml", "--model", model, "-o", f"{model}.csv")
    assert done.code == 0, done.err
    return (place.root / f"{model}.csv").read_bytes()


def test_promote_of_a_blend_and_roll_back(tmp_path: Path) -> None:
    place = make(tmp_path, SPEC)
    assert "mixed is best" in place("small.yaml").out
    assert place("promote", "small.yaml").out.endswith("version 1 is champion now\n")
    first = _forecast(place, "champion")
    assert first == _forecast(place, "mixed")

    place.write(SPEC.replace("seed: 1", "seed: 2"))  # other data, on which it wins too
    assert "mixed is best" in place("small.yaml").out
    assert "version 2 is champion now" in place("promote", "small").out
    assert _versions(place) == [("1", "previous"), ("2", "champion")]
    assert _forecast(place, "champion") == _forecast(place, "mixed") != first

    assert place("promote", "small", "--rollback").code == 0
    assert _versions(place) == [("1", "champion"), ("2", "")]
    place.write(SPEC)
    assert _forecast(place, "champion") == first
    assert place("tidy", "--older-than", "0s", "--yes").code == 0
    assert len(list((tmp_path / "results" / "runs" / "small").glob("?" * 12))) == 2, "champion and current both stay"
    assert _forecast(place, "champion") == first
