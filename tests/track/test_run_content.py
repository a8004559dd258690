"""What each MLflow run says."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.track import run_content as contents
from runner.track.events import LogRun, events, pending
from runner.values.records import ModelResult


def _runs(snapshot):
    return {e.content.name: e.content for e in events(snapshot) if isinstance(e, LogRun)}


def test_mapping_has_parent_children_and_grandchildren(snapshot):
    runs = _runs(snapshot)
    assert sorted(runs) == [
        "catboost-20240301-120000",
        "lightgbm-0000",
        "lightgbm-0001",
        "lightgbm-0002",
        "lightgbm-0003",
        "lightgbm-20240301-120000",
        "sales-20240301-120000",
        "seasonal_naive-20240301-120000",
    ]
    parent, child, trial = (runs[n] for n in ("sales-20240301-120000", "lightgbm-20240301-120000", "lightgbm-0002"))
    assert (trial.parent, child.parent, parent.parent) == (child.key, parent.key, None)


def test_statuses_say_how_each_ended(snapshot):
    runs = _runs(snapshot)
    assert [runs[f"lightgbm-000{n}"].status for n in range(4)] == ["FINISHED", "FAILED", "FINISHED", "KILLED"]
    assert runs["catboost-20240301-120000"].status == "FAILED"
    assert runs["sales-20240301-120000"].status == "FINISHED"


@pytest.mark.parametrize(("state", "status"), [("interrupted", "KILLED"), ("failed", "FAILED"), ("running", "RUNNING")])
def test_a_run_that_did_not_finish_says_so(snapshot, state, status):
    cut = replace(snapshot, status=snapshot.status.model_copy(update={"state": state}), board=None)
    runs = _runs(cut)
    assert runs["sales-20240301-120000"].status == runs["lightgbm-20240301-120000"].status == status


@pytest.mark.parametrize(("mode", "expected"), [("all", 4), ("best", 1), ("none", 0)])
def test_as_many_trials_are_delivered_as_asked_for(snapshot, mode, expected):
    found = [name for name in _runs(replace(snapshot, trials=mode)) if name.startswith("lightgbm-0")]
    assert len(found) == expected
    if mode == "best":
        assert found == ["lightgbm-0002"]


def test_mapping_sends_no_nonfinite_metric(snapshot):
    runs = _runs(snapshot)
    points = [(p.key, p.step) for p in runs["lightgbm-0002"].metrics]
    assert [step for key, step in points if key == "windows/wape"] == [1, 2]
    assert [step for key, step in points if key == "curve"] == [25, 50, 75, 100]
    assert "mape" not in dict(points)
    assert "value" not in {p.key for p in runs["lightgbm-0001"].metrics}


def test_metric_named_as_field_is_that_field():
    numbers = {
        name: number
        for number, (name, info) in enumerate(ModelResult.model_fields.items(), start=1)
        if info.annotation in (int, float, int | None, float | None)
    }
    result = ModelResult(model="a", kind="naive", status="ok", **numbers)
    sent = {point.key: point.value for point in contents._result_metrics(result)}
    assert {"n_samples", "n_cells", "n_features", "fallbacks", "rounds", "gain"} <= sent.keys()
    for name in ModelResult.model_fields.keys() & sent.keys():
        assert sent[name] == getattr(result, name), name


def test_a_long_parameter_is_cut_with_a_note(snapshot):
    value = _runs(snapshot)["sales-20240301-120000"].params["models.lightgbm.params"]
    assert len(value) == 6000
    assert value.endswith("... (cut; whole in the run folder)")


def test_times_come_from_the_records(snapshot):
    trial = _runs(snapshot)["lightgbm-0002"]
    assert (trial.start, trial.end) == (1709294402000, 1709294404500)
    assert events(snapshot) == events(snapshot)


def test_invalid_time_does_not_stop_delivery():
    assert contents.milliseconds("yesterday") == contents.milliseconds("") == contents.milliseconds(None) == 0
    assert contents.milliseconds("1970-01-01T00:00:01Z") == 1000


def test_only_changed_events_are_pending(snapshot):
    marks = {event.key for event in events(snapshot)}
    assert pending(snapshot, marks) == 0
    assert pending(snapshot, []) == len(marks)
    assert pending(replace(snapshot, tags={"team": "other"}), marks) == 1
    (snapshot.models["lightgbm"] / "model.txt").write_text("another tree")
    assert pending(snapshot, marks) == 2  # the files, and the version that points to them


def test_a_grown_run_takes_its_trials_over(snapshot):
    grown = replace(snapshot, execution="2")
    assert _runs(grown)["lightgbm-0000"].key == _runs(snapshot)["lightgbm-0000"].key
    assert _runs(grown)["lightgbm-0000"].parent != _runs(snapshot)["lightgbm-0000"].parent
    assert pending(grown, {event.key for event in events(snapshot)}) == pending(grown, [])


def test_unfinished_run_registers_nothing(snapshot):
    def registered(d):
        return any(type(event).__name__ == "Register" for event in events(d))

    assert registered(snapshot)
    assert not registered(replace(snapshot, models={}))
    assert not registered(replace(snapshot, register="none"))
    assert not registered(replace(snapshot, status=snapshot.status.model_copy(update={"state": "interrupted"})))


@given(st.text(max_size=400))
def test_every_name_is_made_safe(name):
    key = contents.safe_key(name)
    assert len(key) <= 250
    assert not {"", ".", ".."} & set(key.split("/")) or key == ""
    assert contents.safe_key(key) == key


def test_model_duration_begins_at_first_trial(snapshot):
    runs = _runs(snapshot)
    begin, end = 1709294400000, 1709295000000
    assert (runs["sales-20240301-120000"].start, runs["sales-20240301-120000"].end) == (begin, end)
    assert (runs["lightgbm-20240301-120000"].start, runs["lightgbm-20240301-120000"].end) == (begin, end)
    later = replace(snapshot, studies={"lightgbm": snapshot.studies["lightgbm"][2:]})
    assert _runs(later)["lightgbm-20240301-120000"].start == begin + 2000
    board = snapshot.board.model_copy(
        update={"results": (snapshot.board.results[1].model_copy(update={"fit_seconds": 1.5, "predict_seconds": 0.5}),)}
    )
    naive = _runs(replace(snapshot, board=board, studies={}))["seasonal_naive-20240301-120000"]
    assert (naive.start, naive.end) == (end - 2000, end)


def test_killed_run_ends_at_last_trial(snapshot):
    status = snapshot.status.model_copy(update={"state": "interrupted", "finished": None})
    killed = contents.parent_content(replace(snapshot, status=status, board=None))
    assert killed.end == contents.milliseconds("2024-03-01T12:00:03Z") + 2500


def test_common_section_parameters_are_sent_once(snapshot):
    params = {"features.lags": [1], "models.a.features.lags": [1], "models.b.features.lags": [2], "data.join": []}
    said = contents.parent_content(replace(snapshot, params=params)).params
    assert said == {"features.lags": "[1]", "models.b.features.lags": "[2]"}


def test_blend_has_weights_and_no_counts():
    blend = ModelResult(model="b", kind="blend", status="ok", weights={"a": 0.25, "c": 0.75})
    assert contents._result_params(blend) == {"use": "blend", "weights.a": 0.25, "weights.c": 0.75}
    sent = {point.key for point in contents._result_metrics(blend)}
    assert not {"n_samples", "n_features", "tuning_time", "rounds"} & sent


def test_zero_or_switch_is_shown_in_words():
    assert contents.safe_key("params.lambda_l1=zero?") == "params.lambda_l1 is zero"
