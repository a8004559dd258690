"""The task is one that the history can carry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.commands.new.task import MOST_ROWS, candidates, plan_task, usual_horizon
from runner.errors import DataError
from runner.values.panel import Panel


def panel(steps: int, n_series: int = 1, freq: str = "W-SUN", season: int = 52) -> Panel:
    y = 10 + np.sin(2 * np.pi * np.arange(steps) / season) + np.zeros((n_series, 1))  # [N, T]
    times = np.arange(steps + 1).astype("datetime64[us]")
    ids = tuple((str(i),) for i in range(n_series))
    return Panel(("id",), ids, times, freq, y, np.zeros(n_series, np.int64), np.full(n_series, steps))


@given(st.integers(8, 600), st.integers(1, 400))
def test_plan_task_leaves_steps_for_training(steps: int, n_series: int) -> None:
    task = plan_task(panel(steps, n_series))
    assert (task.tuning + task.test) * task.horizon + 4 <= steps
    origins = min(-(-steps // task.every), task.last or steps)
    rows = n_series * origins * task.horizon / task.every_step
    assert rows <= 2.5 * MOST_ROWS or origins <= 20


@pytest.mark.parametrize(("freq", "week"), [("h", 168), ("30min", 336), ("2h", 84), ("5min", 2016)])
def test_plan_task_with_short_horizon_covers_a_week(freq: str, week: int) -> None:
    task = plan_task(panel(12 * week, 2, freq, week // 7))
    assert (task.tuning, task.test) == (4, 7)
    for windows, step in ((task.tuning, task.tuning_step), (task.test, task.test_step)):
        assert step % task.horizon == 0
        assert 0.75 * week <= windows * step <= 1.25 * week


def test_plan_task_otherwise_puts_windows_in_sequence() -> None:
    for task in (plan_task(panel(1900, 1, "h", 24)), plan_task(panel(600, 1, "4h", 42)), plan_task(panel(600))):
        assert (task.tuning, task.test, task.tuning_step, task.test_step) == (2, 3, task.horizon, task.horizon)


@given(st.integers(8, 600))
def test_plan_task_seasons_occur_at_least_twice(steps: int) -> None:
    assert all(steps >= 2 * season for season in plan_task(panel(steps)).seasons)


@given(st.integers(200, 2000), st.integers(100, 500))
@settings(deadline=None)  # the machine may be busy
def test_plan_task_origins_cover_the_season(steps: int, n_series: int) -> None:
    task = plan_task(panel(steps, n_series, "D", 7))
    assert all(np.gcd(task.every, season) == 1 for season in task.seasons[:1])


def test_plan_task_of_a_short_history_raises() -> None:
    with pytest.raises(DataError, match="too few"):
        plan_task(panel(6))
    with pytest.raises(DataError, match="choose a shorter --horizon"):
        plan_task(panel(30), horizon=20)


@pytest.mark.parametrize(
    ("freq", "horizon", "seasons"),
    [
        ("W-FRI", 13, (52,)),
        ("MS", 12, (12,)),
        ("D", 28, (7, 364)),
        ("h", 24, (24, 168)),
        ("4h", 42, (6, 42)),
        ("QS", 4, (4,)),
        ("15min", 96, (96, 672)),
    ],
)
def test_plan_task_of_usual_data_is_usual(freq: str, horizon: int, seasons: tuple[int, ...]) -> None:
    assert (usual_horizon(freq), candidates(freq)) == (horizon, seasons)
