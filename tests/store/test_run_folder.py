"""The folder of one run."""

import json

import pytest

from runner.errors import StoreError
from runner.store.run import RunFolder
from runner.values.records import RunStatus


def test_write_spec_keeps_text_and_resolved_form(run_folder):
    run_folder.write_spec("name: sales # é\n", {"name": "sales"})
    assert (run_folder.path / "spec.yaml").read_text() == "name: sales # é\n"
    assert json.loads((run_folder.path / "spec.resolved.json").read_text()) == {"name": "sales"}


def test_document_that_is_garbled_is_set_aside(run_folder):
    assert run_folder.document("plan") is None
    path = run_folder.write_document("plan", {"windows": 3})
    assert run_folder.document("plan") == {"windows": 3}
    path.write_text("{")
    assert run_folder.document("plan") is None
    assert run_folder.damaged[0].path == path


@pytest.mark.parametrize("found", [[], "x", 3, None])
def test_document_of_another_type_is_set_aside(run_folder, found):
    path = run_folder.write_document("environment", found)
    assert run_folder.document("environment") is None
    assert run_folder.damaged[0].path == path
    assert not path.exists()


def test_scoreboard_of_another_version_is_none(run_folder):
    path = run_folder.write_document("scoreboard", {"results": "of an older shape"})
    assert run_folder.scoreboard() is None
    assert path.exists()


def test_status_survives_a_restart(run_folder):
    assert run_folder.status() is None
    status = RunStatus(state="finished", exit_code=3, budgets=({"trials": 20},), missing=("blend",), pid=7)
    run_folder.finish(status)
    assert run_folder.status() == status


def test_status_that_is_damaged_is_none(run_folder):
    run_folder.finish(RunStatus(state="running"))
    (run_folder.path / "status.json").write_bytes(b"\x00")
    assert run_folder.status() is None
    assert len(run_folder.damaged) == 1


def test_begin_removes_unfinished_files(run_folder):
    torn = run_folder.path / "plots" / ".a.png.99-0.tmp"
    torn.parent.mkdir(parents=True)
    torn.write_text("half")
    run_folder.begin(RunStatus(state="running"))
    assert not torn.exists()


def test_add_result_keeps_row_and_forecasts(run_folder, result):
    run_folder.add_result(result, b"parquet")
    again = RunFolder(run_folder.path, "sales", run_folder.run_id)
    assert again.results() == {"lightgbm": result}
    assert again.forecasts_path("lightgbm").read_bytes() == b"parquet"


def test_add_result_of_a_failed_model_needs_no_forecasts(run_folder, result):
    failed = result.model_copy(update={"status": "failed", "reason": "out of memory"})
    run_folder.add_result(failed)
    assert run_folder.results() == {"lightgbm": failed}


@pytest.mark.parametrize("harm", ["gone", "garbled"])
def test_results_omit_a_row_with_damaged_forecasts(run_folder, result, harm):
    run_folder.add_result(result, b"parquet")
    forecasts = run_folder.forecasts_path("lightgbm")
    forecasts.unlink() if harm == "gone" else forecasts.write_bytes(b"parquez")
    assert run_folder.results() == {}
    assert "forecasts" in run_folder.damaged[0].reason


def test_marks_are_kept_by_destination(run_folder):
    run_folder.mark("sqlite:///a", ["parent", "trial 1"])
    run_folder.mark("sqlite:///a", ["trial 2"])
    run_folder.mark("sqlite:///a", [])
    run_folder.mark("http://b", ["parent"])
    assert run_folder.marks("sqlite:///a") == {"parent", "trial 1", "trial 2"}
    assert run_folder.marks("http://b") == {"parent"}
    assert run_folder.marks("http://c") == frozenset()


def test_marks_ignore_a_damaged_line(run_folder):
    run_folder.mark("d", ["one", "two"])
    (file,) = (run_folder.path / "deliveries").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert run_folder.marks("d") == {"one"}
    run_folder.mark("d", ["three"])
    assert run_folder.marks("d") == {"one", "three"}


def test_write_over_a_folder_is_one_line(run_folder):
    run_folder.path.mkdir(parents=True)
    (run_folder.path / "models").write_text("")
    with pytest.raises(StoreError, match="cannot be written or read"):
        run_folder.write_model("naive", {"baseline.json": b"{}"})
