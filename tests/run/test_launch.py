"""A run started by a program, and not by the command line."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runner.families.engines.stop import Stop
from runner.language.parse import parse
from runner.run.launch import launch

SPEC = """\
version: 1
name: small
data:
  source: {synthetic: {series: 2, steps: 40}}
  series: [series]
  time: time
  target: y
  freq: MS
  covariates: {rest: ignore}
forecast: {horizon: 2, season: 12}
evaluation: {metric: mae, tuning: {windows: 2}, test: {windows: 2}}
models: {seasonal_naive: {}}
run: {workers: 1}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    path = tmp_path / "small.yaml"
    path.write_text(SPEC)
    return path


@pytest.mark.slow
def test_launch_in_thread_finishes(spec: Path) -> None:
    with ThreadPoolExecutor() as threads:
        assert threads.submit(launch, parse(spec)).result().exit_code == 0


@pytest.mark.parametrize("by_signals", [False, True])
def test_stop_installs_handlers_only_on_request(by_signals: bool) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stop(by_signals=by_signals).listening():
        assert (signal.getsignal(signal.SIGTERM) != before) is by_signals
    assert signal.getsignal(signal.SIGTERM) == before


def test_stop_in_thread_installs_no_handlers() -> None:
    def install() -> None:
        with Stop(by_signals=True).listening():
            pass

    with ThreadPoolExecutor() as threads:
        threads.submit(install).result()
