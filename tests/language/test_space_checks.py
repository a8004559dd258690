import pytest
from spec_worlds import only, problems, read


def flat(text):
    return f"models: {{lightgbm: {{space: {{{text}}}}}}}"


@pytest.mark.parametrize(
    "text",
    [
        "num_leaves: {int: [7, 127], log: true}",
        "num_leaves: {int: [8, 32], step: 8}",
        "learning_rate: {float: [0.01, 0.3]}",
        "learning_rate: {choice: [0.1, 0.2]}",
        "lambda_l1: {zero_or: {float: [1e-8, 10], log: true}}",
        "extra_trees: {bool: true}",
        "extra_trees: {bool: {}}",
        "min_data_in_leaf: {zero_or: {int: [5, 20]}}",
        "data_sample_strategy: {branch: {bagging: {}, goss: {top_rate: {float: [0.1, 0.5]}}}}",
        "boosting: {branch: {gbdt: {lambda_l1: {float: [0.1, 1]}}, dart: {lambda_l1: {float: [2, 3]}}}}",
    ],
)
def test_sound_dimensions_pass(tmp_path, text):
    assert len(read(tmp_path, flat(text)).spec.models["lightgbm"].space) == 1


@pytest.mark.parametrize(
    ("text", "code", "end"),
    [
        ("num_leaves: {int: [127, 7]}", "FS401", "num_leaves.int"),
        ("num_leaves: {int: [7, 127, 9]}", "FS011", "num_leaves.int"),
        ("num_leaves: {int: [7]}", "FS014", "num_leaves.int[1]"),
        ("num_leaves: {int: [7, 12.5]}", "FS011", "num_leaves.int[1]"),
        ("num_leaves: {int: [7, 12], step: 0}", "FS011", "num_leaves.step"),
        ("num_leaves: {int: [7, 12], lo: 3}", "FS010", "num_leaves.lo"),
        ("num_leaves: {int: [7, 12], float: [1, 2]}", "FS011", "num_leaves"),
        ("num_leaves: [7, 12]", "FS011", "num_leaves"),
        ("num_leaves: {float: [7, 12]}", "FS011", "num_leaves.float"),
        ("num_leaves: {choice: [7, 8.5]}", "FS011", "num_leaves.choice[1]"),
        ('num_leaves: {choice: [7, "8"]}', "FS003", "num_leaves.choice[1]"),
        ("num_leaves: {choice: [7, 7]}", "FS011", "num_leaves.choice[1]"),
        ("num_leaves: {choice: []}", "FS011", "num_leaves.choice"),
        ("extra_trees: {int: [0, 1]}", "FS011", "extra_trees.int"),
        ("lambda_l1: {float: [0, 1], log: true}", "FS402", "lambda_l1.float"),
        ("lambda_l1: {float: [1, 2], log: true, step: 0.1}", "FS403", "lambda_l1.step"),
        ("lambda_l1: {zero_or: {float: [0, 1], log: true}}", "FS402", "lambda_l1.zero_or.float"),
        ("lambda_l1: {zero_or: {float: [0, 1]}}", "FS011", "lambda_l1.zero_or.float"),
        ("lambda_l1: {zero_or: {choice: [1, 2]}}", "FS011", "lambda_l1.zero_or"),
        ("num_leavs: {int: [7, 127]}", "FS410", "num_leavs"),
        ("nthread: {int: [1, 2]}", "FS414", "num_threads"),
        ("data_sample_strategy: {branch: {goss: {tip_rate: {float: [0, 1]}}, bagging: {}}}", "FS410",
         "data_sample_strategy.branch.goss.tip_rate"),
        ("lambda_l1: {float: [1, 2]}, boosting: {branch: {dart: {reg_alpha: {float: [1, 2]}}, gbdt: {}}}", "FS409",
         "boosting.branch.dart.lambda_l1"),
    ],
)  # fmt: skip
def test_space_mistake_is_reported_at_its_place(tmp_path, text, code, end):
    found = only(tmp_path, flat(text))
    assert (found.code, found.path) == (code, f"models.lightgbm.space.{end}")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ("{num_leaves: 7.5}", "FS011"),
        ("{num_leaves: true}", "FS011"),
        ('{num_leaves: "7"}', "FS003"),
        ("{extra_trees: 1}", "FS011"),
        ("{verbose: -1}", "FS414"),
        ("{metric: l1}", "FS414"),
        ("{n_estimators: 100}", "FS414"),
        ("{learning_rat: 0.1}", "FS410"),
        ("{learning_rate: [0.1]}", "FS011"),
    ],
)
def test_fixed_parameter_wrong_name_or_type_is_reported(tmp_path, params, code):
    assert only(tmp_path, f"models: {{lightgbm: {{params: {params}}}}}").code == code


def test_a_whole_number_is_a_number(tmp_path):
    assert read(tmp_path, "models: {lightgbm: {params: {lambda_l1: 1}}}")


def test_fixed_and_searched_is_refused_even_through_aliases(tmp_path):
    text = "models: {lightgbm: {params: {eta: 0.1}, space: {shrinkage_rate: {float: [0.1, 0.2]}}}}"
    assert only(tmp_path, text).code == "FS409"


WIDE = "models: {lightgbm: {space: {%s}}}"


@pytest.mark.parametrize(
    "text",
    [
        "features: {lags: {choice: {short: [1, 2], long: [1, 2, 3]}}}",
        "features: {ids: {bool: true}, rolling: {choice: {none: [], four: [{stat: mean, window: 4}]}}}",
        "target: {scale: {choice: [mean, std]}, window: {int: [4, 52]}}",
        "training: {steps: {choice: {all: all, third: {every: 3}}}}",
        "params: {num_leaves: {int: [4, 8]}}, target: {scale: {choice: [mean, none]}}",
        "target: {transform: {choice: [none, log1p]}, base: {choice: [none, seasonal_naive]}}",
    ],
)
def test_a_space_may_reach_beyond_parameters(tmp_path, text):
    assert read(tmp_path, WIDE % text)


@pytest.mark.parametrize(
    ("text", "code", "end"),
    [
        ("features: {lag: {choice: [[1]]}}", "FS010", "features.lag"),
        ("features: {lags: {choice: {a: [1], b: [0]}}}", "FS011", "features.lags.choice.b"),
        ("target: {scale: {choice: [mean, sd]}}", "FS011", "target.scale.choice[1]"),
        ("target: {window: {int: [0, 4]}}", "FS011", "target.window.int[0]"),
        ("training: {weights: {choice: [recent]}}", "FS019", "training.weights"),
    ],
)
def test_values_beyond_parameters_are_judged_by_their_section(tmp_path, text, code, end):
    found = [d for d in problems(tmp_path, WIDE % text) if d.path == f"models.lightgbm.space.{end}"]
    assert [d.code for d in found] == [code]
