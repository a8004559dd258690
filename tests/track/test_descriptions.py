"""What a run says of itself, and of what it has read."""

import json
from dataclasses import replace

from runner.track.dataset import inputs
from runner.track.descriptions import model_note, run_note
from runner.track.run_content import NOTE, model_content, parent_content, trial_content
from runner.values.records import ModelResult


def test_run_description_shows_every_model(snapshot):
    note = run_note(snapshot.board, "Weekly sales.")
    assert note.splitlines()[0] == "Weekly sales."
    assert "**lightgbm** is best with wape 10.00%" in note
    assert "| seasonal\\_naive (baseline) | 20.00% |" in note
    assert note.endswith("* catboost failed: no memory")
    assert run_note(None, "") == ""


def test_model_description_has_score_and_origin(snapshot):
    result = snapshot.board.results[0].model_copy(update={"gain": 0.5, "trials": {"complete": 3, "fail": 1}})
    said = "**wape 10.00%** on the test windows, 50.0% better than seasonal\\_naive, trial 2 of 4 won."
    assert model_note(result, snapshot.board) == said
    assert model_content(snapshot, "catboost").tags[NOTE] == "Failed: no memory"


def test_a_trial_that_ended_early_says_why(snapshot):
    trials = snapshot.studies["lightgbm"]
    assert trial_content(snapshot, "lightgbm", trials[1]).tags[NOTE] == "Failed: out of memory"
    assert NOTE not in trial_content(snapshot, "lightgbm", trials[0]).tags


def test_nothing_from_a_run_becomes_markup(snapshot):
    result = ModelResult(model="a|b", kind="naive", status="failed", reason="<img src=x> [a](b)")
    note = run_note(snapshot.board.model_copy(update={"results": (result,)}), "")
    assert "<img" not in note
    assert "](" not in note.replace("\\](", "")
    assert "| a\\|b |" in note


def test_run_name_is_hash_of_inputs(snapshot):
    one, two = (
        parent_content(snapshot),
        parent_content(replace(snapshot, digests={"a.csv": "f" * 64, "b.csv": "e" * 64})),
    )
    assert one.tags["data_sha256"] == "f" * 64
    assert two.tags["data_sha256"] not in ("f" * 64, "e" * 64)
    assert one.tags["spec_sha256"] == two.tags["spec_sha256"]
    assert (
        parent_content(replace(snapshot, params={"forecast.horizon": 14})).tags["spec_sha256"]
        != one.tags["spec_sha256"]
    )


def test_running_run_has_no_exit_code(snapshot):
    running = replace(snapshot, status=snapshot.status.model_copy(update={"state": "running", "exit_code": None}))
    assert "run_spec.exit_code" not in parent_content(running).tags


COLUMNS = [{"name": "shop", "role": "series", "type": "string"}, {"name": "sold", "role": "target", "type": "double"}]


def test_input_file_has_digest_columns_and_sizes(snapshot):
    (data,) = inputs(replace(snapshot, plan={"columns": COLUMNS, "n_series": 3, "n_observations": 30}))
    assert (data.name, data.digest, data.context) == ("a.csv", "f" * 36, "training")
    assert json.loads(data.source) == {"uri": "a.csv", "sha256": "f" * 64}
    assert [(c["name"], c["type"]) for c in json.loads(data.schema)["mlflow_colspec"]] == [
        ("shop", "string"), ("sold", "double"),
    ]  # fmt: skip
    assert json.loads(data.profile) == {"num_rows": 30, "num_series": 3}


def test_of_several_files_all_together_have_the_columns(snapshot):
    several = replace(snapshot, digests={"b.csv": "e" * 64, "a.csv": "f" * 64}, plan={"columns": COLUMNS})
    whole, *files = inputs(several)
    assert (whole.name, whole.context, bool(whole.schema)) == ("sales", "training", True)
    assert [(file.name, file.context, file.schema) for file in files] == [("a.csv", "file", ""), ("b.csv", "file", "")]
    assert inputs(replace(snapshot, digests={})) == ()


def test_inputs_before_the_plan_are_not_sent(snapshot):
    running = replace(snapshot, status=snapshot.status.model_copy(update={"state": "running"}))
    assert inputs(running) == ()
    assert len(inputs(replace(running, plan={"columns": COLUMNS}))) == 1
    (data,) = inputs(snapshot)  # of a run that has left no plan: its sha256 at least
    assert (data.schema, data.profile) == ("", "")
