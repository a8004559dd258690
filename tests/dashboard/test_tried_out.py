"""Runs with `--set`: they are shown, and are not what their experiment says of itself."""

from __future__ import annotations

import pytest
from run_worlds import document_text, write_mlflow, write_run
from seeing import said

from runner.dashboard.files import Files
from runner.dashboard.live import Live
from runner.store.folder import Store
from runner.track.destination import destination

LATER = "ba9876543210"


def _try_out(folder) -> None:
    folder.finish(folder.status().model_copy(update={"overrides": ("study.sampler.seed=9",)}))


def test_card_without_own_run_shows_override_run(project, open_page):
    _try_out(write_run(project))
    (project / "results" / "benchmarks" / "shop.json").unlink()
    app = open_page("portfolio")
    assert app.metric[0].delta.replace("\\", "") == "+50.0% against seasonal_naive"
    assert "Six made-up series." in said(app)
    assert "with --set" in said(app)


def test_card_without_baseline_shows_no_gain(project, open_page):
    folder = write_run(project)
    (project / "results" / "benchmarks" / "shop.json").unlink()
    (folder.path / "benchmark.json").write_text(document_text(baseline=3))
    assert open_page("portfolio").metric[0].delta == "+50.0%"


def test_report_is_of_run_without_set(project):
    _try_out(write_run(project, run_id=LATER))
    first = write_run(project)
    results = first.document("benchmark")
    first.write_document("benchmark", {**results, "timestamp": "2020-01-01T00:00:00+00:00"})
    store = Store(first.path.parents[3])
    assert store.find_run("shop").run_id == first.run_id
    assert store.find_run(LATER).run_id == LATER


@pytest.mark.parametrize("kind", ["files", "mlflow"])
def test_card_prefers_run_without_set(kind, project):
    if kind == "files":
        folder = write_run(project)
        canonical = (project / "results" / "benchmarks" / "shop.json").read_bytes()
        _try_out(write_run(project, run_id=LATER))
        (project / "results" / "benchmarks" / "shop.json").write_bytes(canonical)
        source = Files(folder.path.parents[3])
    else:
        write_mlflow(project)
        write_mlflow(project, run_id=LATER, start=1_700_000_900_000, overrides="--set study.sampler.seed=9")
        source = Live(destination({}, project))
    (card,) = source.cards(["shop"])
    assert card.latest.run_id == "0123456789ab"
    assert not card.latest.overrides
    assert card.n_runs == 2
    shown = {run.run_id: run for run in source.runs("shop")}
    assert shown.keys() == {"0123456789ab", LATER}
    assert shown[LATER].title.endswith("with --set")
