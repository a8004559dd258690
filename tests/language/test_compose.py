import os

import pytest
from spec_worlds import SOUND, only, over_sound, problems, read, write

from runner.errors import SpecError
from runner.language.parse import parse


def test_the_child_wins_maps_merge_and_lists_replace(tmp_path):
    write(tmp_path, "features: {lags: [1, 2], calendar: [month]}\nstudy: {generation: 4}\n", "a.yaml")
    write(tmp_path, "features: {lags: [3]}\n", "b.yaml")
    write(tmp_path, SOUND, "base.yaml")
    path = write(tmp_path, "extends: [base.yaml, a.yaml, b.yaml]\nname: child\nstudy: {budget: {trials: 3}}\n")
    spec = parse(path).spec
    assert spec.name == "child"
    assert spec.features.lags == (3,)
    assert spec.features.calendar == ("month",)
    assert (spec.study.generation, spec.study.budget.trials) == (4, 3)


def test_null_deletes_what_is_inherited(tmp_path):
    write(tmp_path, SOUND + "features: {lags: [1], calendar: [month]}\n", "more.yaml")
    path = write(tmp_path, "extends: more.yaml\nfeatures: {lags: null}\n")
    assert parse(path).tree["features"] == {"calendar": ["month"]}


def test_null_where_nothing_is_inherited_is_an_error(tmp_path):
    found = only(tmp_path, "models: {naive: null}")
    assert "deletes only what is inherited" in found.message


def test_a_one_key_choice_replaces_and_never_merges(tmp_path):
    write(tmp_path, SOUND + "evaluation: {metric: {mase: {season: 1}}}\n", "more.yaml")
    path = write(
        tmp_path, "extends: more.yaml\ndata: {source: {csv: x.csv}}\nevaluation: {metric: {rmsse: {season: 2}}}\n"
    )
    tree = parse(path).tree
    assert tree["data"]["source"] == {"csv": "x.csv"}
    assert tree["evaluation"]["metric"] == {"rmsse": {"season": 2}}


def test_a_dimension_replaces_and_never_merges(tmp_path):
    base = "models: {lightgbm: {space: {num_leaves: {int: [4, 8], log: true}, max_depth: {int: [1, 2]}}}}\n"
    write(tmp_path, SOUND.replace("models:", "x_:").split("x_:")[0] + base, "more.yaml")
    path = write(tmp_path, "extends: more.yaml\nmodels: {lightgbm: {space: {num_leaves: {int: [5, 9]}}}}\n")
    space = parse(path).tree["models"]["lightgbm"]["space"]
    assert space == {"num_leaves": {"int": [5, 9]}, "max_depth": {"int": [1, 2]}}


def test_merge_flat_and_wide_space_merges_parameters(tmp_path):
    write(tmp_path, SOUND, "base.yaml")
    write(tmp_path, "models: {lightgbm: {space: {num_leaves: {int: [4, 8]}}}}\n", "flat.yaml")
    wide = "models: {lightgbm: {space: {features: {ids: {bool: true}}}}}\n"
    path = write(tmp_path, "extends: [base.yaml, flat.yaml]\n" + wide)
    space = parse(path).spec.models["lightgbm"].space
    assert set(space.params) == {"num_leaves"}
    assert set(space.features) == {"ids"}


def test_compose_value_keeps_file_and_line(tmp_path):
    document = read(tmp_path, "forecast: {gap: 1}\n", "study.budget.trials=5")
    origins = document.origins
    assert origins["forecast", "horizon"].file.endswith("base.yaml")
    assert origins["forecast", "horizon"].line == 10
    assert origins["forecast", "gap"].file.endswith("spec.yaml")
    assert origins["forecast", "gap"].line == 2
    assert origins["study", "budget", "trials"].file == "--set study.budget.trials"


def test_bases_may_have_bases_and_share_one(tmp_path):
    write(tmp_path, SOUND, "base.yaml")
    write(tmp_path, "extends: ../base.yaml\nstudy: {generation: 2}\n", "deep/left.yaml")
    write(tmp_path, "extends: ../base.yaml\nstudy: {budget: {trials: 2}}\n", "deep/right.yaml")
    spec = parse(write(tmp_path, "extends: [deep/left.yaml, deep/right.yaml]\n")).spec
    assert (spec.study.generation, spec.study.budget.trials) == (2, 2)


def test_a_circle_of_bases_is_refused(tmp_path):
    write(tmp_path, "extends: b.yaml\n", "a.yaml")
    write(tmp_path, "extends: a.yaml\n", "b.yaml")
    with pytest.raises(SpecError) as caught:
        parse(tmp_path / "a.yaml")
    (found,) = caught.value.diagnostics
    assert found.code == "FS015"
    assert "a.yaml -> b.yaml -> a.yaml" in found.message


def test_a_long_chain_of_bases_is_refused(tmp_path):
    for number in range(40):
        write(tmp_path, f"extends: s{number + 1}.yaml\n", f"s{number}.yaml")
    with pytest.raises(SpecError) as caught:
        parse(tmp_path / "s0.yaml")
    assert caught.value.diagnostics[0].code == "FS006"


def test_compose_missing_base_reports_other_errors_too(tmp_path):
    found = problems(tmp_path, "extends: [nowhere.yaml]\nforecast: {horizn: 3}\n")
    assert [d.code for d in found] == ["FS015", "FS010"]
    assert "there is no such file" in found[0].message


@pytest.mark.parametrize("target", ["../outside.yaml", "/etc/passwd", "link.yaml", "folder", "pipe"])
def test_compose_base_outside_project_is_refused(tmp_path, target):
    project = tmp_path / "project"
    (tmp_path / "outside.yaml").write_text(SOUND)
    path = over_sound_in(project, f"extends: [{target}]\n")
    (project / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (project / "folder").mkdir()
    os.mkfifo(project / "pipe")
    with pytest.raises(SpecError) as caught:
        parse(path)
    assert [d.code for d in caught.value.diagnostics] == ["FS015"]


def over_sound_in(project, fragment):
    project.mkdir()
    return over_sound(project, fragment)


def test_compose_spec_that_is_irregular_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(SpecError) as caught:
            parse(path)
        assert caught.value.diagnostics[0].code == "FS015"


def test_an_override_sets_one_value_of_any_kind(tmp_path):
    fragment = "models: {naive: {}, my.model: {use: lightgbm, space: {num_leaves: {int: [4, 8], log: true}}}}\n"
    document = read(
        tmp_path,
        fragment,
        "study.budget.trials=5",
        "evaluation.report=[mae, {mase: {season: 1}}]",
        "models.my.model.space.num_leaves.log=false",
        "models.my.model.space.num_leaves.int.1=9",
        "models.naive=null",
    )
    assert document.overridden
    assert document.spec.study.budget.trials == 5
    assert [metric.name for metric in document.spec.evaluation.report] == ["mae", "mase_1"]
    assert document.spec.models["my.model"].space["num_leaves"].bounds == (4, 9)
    assert "naive" not in document.spec.models


@pytest.mark.parametrize(
    "override",
    ["", "=", "a", "a..b=1", ".a=1", "extends=x.yaml", "forecast.horizon.x=1", "data.series.9=x", "data.series.x=1"],
)
def test_a_malformed_override_is_refused(tmp_path, override):
    assert only(tmp_path, "", override).code == "FS017"


def test_override_wrong_value_has_address_of_override(tmp_path):
    found = only(tmp_path, "", "forecast.horizon=0")
    assert (found.file, found.span.line, found.path) == ("--set forecast.horizon", 1, "forecast.horizon")
    assert only(tmp_path, "", "forecast.horizn=3").message == "unknown key `horizn`"
    assert only(tmp_path, "", "forecast.horizon=[1").code == "FS001"


def test_allowed_names_are_read_from_the_environment(tmp_path):
    path = over_sound(tmp_path, "forecast: {horizon: {env: HORIZON}}\ndescription: {env: WORDS}\n")
    (tmp_path / "pyproject.toml").write_text('[tool.run-spec]\nenv = ["HORIZON", "WORDS"]\n')
    spec = parse(path, environ={"HORIZON": "7", "WORDS": "007 {a: b}"}).spec
    assert (spec.forecast.horizon, spec.description) == (7, "007 {a: b}")
    with pytest.raises(SpecError) as caught:
        parse(path, environ={"HORIZON": "7"})
    assert [d.code for d in caught.value.diagnostics] == ["FS018"]


def test_other_names_of_the_environment_are_refused(tmp_path):
    found = problems(tmp_path, "description: {env: SECRET}\n", environ={"SECRET": "hunter2"})
    assert [d.code for d in found] == ["FS018"]
    assert "hunter2" not in str(found)


def test_the_tracking_server_stays_a_name(tmp_path):
    environ = {"MLFLOW_TRACKING_URI": "http://user:hunter2@host"}
    document = read(tmp_path, "tracking: {server: {env: MLFLOW_TRACKING_URI}, tags: {env: prod}}\n", environ=environ)
    assert document.spec.tracking.server.env == "MLFLOW_TRACKING_URI"
    assert document.spec.tracking.tags == {"env": "prod"}
    assert "hunter2" not in document.spec.model_dump_json()
    assert only(tmp_path, "tracking: {server: {env: OTHER_SERVER}}\n").code == "FS018"


def test_compose_malformed_project_file_is_named(tmp_path):
    path = over_sound(tmp_path, "description: {env: X}\n")
    (tmp_path / "pyproject.toml").write_text("[tool")
    with pytest.raises(SpecError, match=r"pyproject\.toml: cannot be read as TOML"):
        parse(path)
