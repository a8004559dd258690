"""When a finished run is taken up again because of models that are missing from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.language.parse import parse
from runner.run.session import Session, read_session
from runner.values.records import MOST_RETRIES, ModelResult, RunStatus, Scoreboard
from runner.values.section import FrozenMap

SPEC = """\
version: 1
name: small
data: {source: {synthetic: {}}, series: [series], time: time, target: y, freq: MS}
forecast: {horizon: 2, season: 12}
evaluation: {metric: mae, tuning: {windows: 2}, test: {windows: 2}}
models: {seasonal_naive: {}}
"""


def _session(root: Path, *overrides: str) -> Session:
    path = root / "small.yaml"
    path.write_text(SPEC)
    (root / "pyproject.toml").touch()
    return read_session(parse(path, overrides), overrides)


def _finish(session: Session, **row: object) -> None:
    """A run that came to its end with one row, a hole."""
    result = {"model": "seasonal_naive", "kind": "seasonal_naive", "status": "failed", "reason": "why", **row}
    session.folder.add_result(ModelResult.model_validate(result))
    status = RunStatus(
        state="finished", budgets=(FrozenMap(session.budget),), started="2026-01-01T00:00:00+00:00",
        missing=("seasonal_naive",), exit_code=3,
    )  # fmt: skip
    board = Scoreboard(metric="mae", direction="lower", baseline="seasonal_naive", results=())
    session.folder.write_document("scoreboard", board.model_dump(mode="json"))
    session.folder.finish(status)


@pytest.mark.parametrize(
    ("timeout", "finished"), [("1m", True), ("30s", True), ("2m", False), ("null", False)], ids=str
)
def test_run_ended_by_limit_resumes_with_longer(tmp_path: Path, timeout: str, finished: bool) -> None:
    first = _session(tmp_path, "run.timeout=1m")
    _finish(first, lost=True, losses=1, time_limit=60.0)
    again = _session(tmp_path, f"run.timeout={timeout}")
    assert again.run_id == first.run_id
    assert (again.finished() is not None) is finished


@pytest.mark.parametrize("losses", range(MOST_RETRIES + 3))
def test_run_with_lost_workers_is_retried(tmp_path: Path, losses: int) -> None:
    session = _session(tmp_path)
    _finish(session, lost=True, losses=losses)
    assert (session.finished() is None) is (losses <= MOST_RETRIES)


def test_run_with_failed_model_is_finished(tmp_path: Path) -> None:
    session = _session(tmp_path)
    _finish(session)
    assert session.finished() is not None


@pytest.mark.parametrize("text", [None, "", '{"metric": "ma', "[]", "{}", '"x"', "3", "null"])
def test_run_with_unreadable_scoreboard_is_not_finished(tmp_path: Path, text: str | None) -> None:
    session = _session(tmp_path)
    _finish(session)
    board = session.folder.path / "scoreboard.json"
    board.unlink() if text is None else board.write_text(text)
    assert session.finished() is None


def test_overrides_are_recorded_without_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter22")
    session = _session(tmp_path, "description=hunter22", "run.workers=1")
    session.begin()
    status = session.folder.status()
    assert status is not None
    assert status.overrides == ("description=***", "run.workers=1")


def test_two_clones_in_one_second_are_two_executions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.run.session.now", lambda: "2024-03-01T12:00:00+00:00")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = _session(tmp_path / "one"), _session(tmp_path / "two")
    begun = one.begin()
    assert begun.execution.startswith(f"{begun.started}-")
    assert begun.execution != two.begin().execution
    assert one.begin().execution == begun.execution
    one.folder.finish(begun.model_copy(update={"state": "finished"}))
    assert one.begin().execution != begun.execution
    one.folder.finish(begun.model_copy(update={"state": "interrupted", "execution": ""}))
    assert one.begin().execution == "", "one from before goes on under its old name"
