"""Winners on all history: the same models as the benchmark's, made once, and never a pickle."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from forecast_worlds import SPEC, World, finally_fitted, finish, write_data
from inline_engine import Inline

from runner.families.engines.stop import Stop
from runner.language.parse import parse
from runner.progress import Note
from runner.run.benchmark.forecasts import decode
from runner.run.final.apply import apply
from runner.run.final.fit import FinalJob
from runner.run.final.make import PAYLOAD, kept_key, make_finals
from runner.run.final.manifest import Manifest, read_manifest
from runner.run.forecast.request import forecast
from runner.run.pipeline import run
from runner.run.session import read_session
from runner.store.folder import Store
from runner.values.panel import Forecast
from runner.values.records import RunStatus


def said(world: World, model: str) -> Forecast:
    payload = world.session.folder.final_path(model) / PAYLOAD
    return apply(read_manifest(payload), payload, world.plan.setup.panel, hint="")[1]


def test_every_scoreboard_model_has_final_model(world: World) -> None:
    assert set(world.session.folder.finals()) == {"seasonal_naive", "lightgbm", "catboost", "blend"}


@pytest.mark.parametrize("model", ["lightgbm", "catboost", "blend", "seasonal_naive"])
def test_final_model_on_window_equals_benchmark(world: World, tmp_path: Path, model: str) -> None:
    """The benchmark's last window hides the last four months: so does a history that ends before them."""
    write_data(tmp_path, months=56, horizon=8)
    known = (tmp_path / "future.csv").read_text().splitlines()
    assert len(known) == 49
    shorter = finish(tmp_path, SPEC, models=False)
    manifests = world.session.folder

    class Shelf:
        """The winners of the whole history; the place of the shorter one."""

        run_id = "shorter"
        trials = staticmethod(manifests.trials)
        forecasts_path = staticmethod(shorter.session.folder.forecasts_path)
        final_path = staticmethod(shorter.session.folder.final_path)

    failed = make_finals(
        shorter.plan, world.board, Shelf(), lambda jobs: finally_fitted(jobs, shorter.plan), lambda *_: None, [model]
    )
    assert failed == {}
    there = decode(manifests.forecasts_path(model).read_bytes(), world.plan)["test-1"]
    assert np.array_equal(said(shorter, model).point, there.point)


def test_final_blend_is_weighted_mean(world: World) -> None:
    weights = next(row.weights for row in world.board.results if row.model == "blend")
    mean = sum(weight * said(world, name).point for name, weight in weights.items())
    assert said(world, "blend").point == pytest.approx(mean)


def test_quantiles_lie_around_the_forecast_and_ascend(world: World) -> None:
    for model in world.session.folder.finals():
        forecast = said(world, model)
        assert forecast.quantiles is not None
        assert forecast.quantiles.shape == (*forecast.point.shape, 2)
        assert (np.diff(forecast.quantiles, axis=-1) > 0).all()


def test_final_models_are_reused_until_winner_changes(world: World) -> None:
    def refuse(_jobs: object) -> list[object]:
        raise AssertionError("nothing was to be fitted")

    shelf = world.session.folder
    assert make_finals(world.plan, world.board, shelf, refuse, lambda *_: None) == {}
    before = kept_key(shelf.final_path("lightgbm"))
    other = [row.model_copy(update={"rounds": 3}) if row.model == "lightgbm" else row for row in world.board.results]
    board = world.board.model_copy(update={"results": tuple(other)})
    with pytest.raises(AssertionError, match="nothing was to be fitted"):
        make_finals(world.plan, board, shelf, refuse, lambda *_: None)
    assert kept_key(shelf.final_path("lightgbm")) == before


def test_failed_member_fails_its_blend_too(world: World, tmp_path: Path) -> None:
    class Shelf:
        run_id = "other"
        trials = staticmethod(world.session.folder.trials)
        forecasts_path = staticmethod(world.session.folder.forecasts_path)

        @staticmethod
        def final_path(model: str) -> Path:
            return tmp_path / "final" / model

    def fit(jobs: Sequence[FinalJob]) -> Iterator[tuple[FinalJob, Mapping[str, bytes] | str]]:
        for job, files in finally_fitted(jobs, world.plan):
            yield job, "no memory" if job.candidate.model == "lightgbm" else files

    failed = make_finals(
        world.plan, world.board, Shelf(), fit, lambda *_: None, ["lightgbm", "seasonal_naive", "blend"]
    )
    assert failed == {"lightgbm": "no memory", "blend": "no memory"}
    assert [path.name for path in (tmp_path / "final").iterdir()] == ["seasonal_naive"]


def test_wrapping_failure_affects_that_model_only(world: World, tmp_path: Path) -> None:
    class Shelf:
        run_id = "other"
        trials = staticmethod(world.session.folder.trials)
        forecasts_path = staticmethod(world.session.folder.forecasts_path)

        @staticmethod
        def final_path(model: str) -> Path:
            return tmp_path / "final" / model

    def wrap(_folder: Path, manifest: Manifest) -> None:
        if manifest.model != "seasonal_naive":
            raise AttributeError("no such thing\nand more of it")

    failed = make_finals(world.plan, world.board, Shelf(), lambda jobs: finally_fitted(jobs, world.plan), wrap)
    reason = "it cannot be written as an MLflow model: AttributeError: no such thing"
    assert failed == dict.fromkeys(("lightgbm", "catboost", "blend"), reason)
    assert [path.name for path in (tmp_path / "final").iterdir()] == ["seasonal_naive"]


def test_run_without_mlflow_has_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str) -> None:
        raise RuntimeError("built for another NumPy")

    (tmp_path / "pyproject.toml").touch()
    write_data(tmp_path)
    spec = SPEC[: SPEC.index("  lightgbm:")] + "  naive: {}\n"
    (tmp_path / "small.yaml").write_text(spec)
    monkeypatch.setattr("runner.families.engines.local.Processes", Inline)
    monkeypatch.setattr("runner.run.final.make.importlib", SimpleNamespace(import_module=broken))
    session, told = read_session(parse(tmp_path / "small.yaml")), []
    results = run(session, told.append, Stop())
    assert session.folder.document("benchmark") == results.model_dump(mode="json")
    assert session.folder.document("scoreboard") is not None
    assert session.folder.finals() == {}
    (note,) = (event for event in told if isinstance(event, Note) and event.level == "warning")
    assert note.text == "there are no final models: MLflow cannot be imported: RuntimeError: built for another NumPy"


def test_nothing_in_a_final_model_is_a_pickle(world: World) -> None:
    files = [path for path in (world.session.folder.path / "final").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {"", ".json", ".txt", ".yaml", ".cbm", ".npz"}
    assert not [path for path in files if path.read_bytes().startswith(b"\x80")]
    assert all(b"cloudpickle" not in path.read_bytes() for path in files)


def test_a_manifest_holds_the_configuration_that_won(world: World) -> None:
    manifest = read_manifest(world.session.folder.final_path("lightgbm") / PAYLOAD)
    row = next(row for row in world.board.results if row.model == "lightgbm")
    part = manifest.parts[-1]
    assert (part.rounds, part.params["learning_rate"]) == (row.rounds, row.params["params.learning_rate"])
    assert {(column.name, column.role) for column in manifest.columns} >= {("promo", "known"), ("price", "observed")}
    assert manifest.until == "2019-12-01"


def test_run_forecast_equals_final_model(world: World) -> None:
    shutil.rmtree(world.session.folder.path / "forecast", ignore_errors=True)
    made = forecast(world.spec)
    assert made.fresh
    again = forecast(world.spec)
    assert (again.fresh, again.content) == (False, made.content)
    about = json.loads(made.path.with_name(f"{made.path.name}.json").read_bytes())
    assert about["model"] == world.board.results[0].model


def test_resumed_run_clears_files_of_killed_fit(tmp_path: Path) -> None:
    folder = Store(tmp_path).run("small", "0123456789ab")
    torn, whole = folder.path / "final" / ".fit-abc" / "fits", folder.final_path("lightgbm")
    torn.mkdir(parents=True)
    whole.mkdir()
    assert folder.finals() == {"lightgbm": whole}
    folder.begin(RunStatus(state="running"))
    assert list((folder.path / "final").iterdir()) == [whole]
