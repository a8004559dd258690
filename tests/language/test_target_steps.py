"""`target:` as a list of steps, and what its metric of known covariates needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from spec_worlds import only, problems, read

from runner.language.members_used import members_used, plugins_used
from runner.language.parse import from_json
from runner.members.member import Member
from runner.members.models.section import ModelSection
from runner.members.plugins import Plugin
from runner.members.targets.section import TargetScaling
from runner.members.targets.step import NoArguments, StepSection

LIST = "[log1p, {level: mean, window: 8}, {scale: std}]"


def kinds(folder: Path, fragment: str) -> list[str]:
    target = read(folder, fragment).spec.models["lightgbm"].target  # type: ignore[attr-defined]
    return [step.kind for step in target.in_order()]


def test_list_is_applied_as_written(tmp_path: Path) -> None:
    spec = read(tmp_path, f"target: {LIST}\nmodels: {{lightgbm: {{}}}}").spec
    steps = spec.target.in_order()
    assert [step.kind for step in steps] == ["log1p", "level", "scale"]
    assert steps[1].arguments == {"level": "mean", "window": 8}
    assert from_json(spec.model_dump_json()) == spec


def test_list_of_a_model_replaces_the_common_map(tmp_path: Path) -> None:
    assert kinds(tmp_path, "target: {level: last}\nmodels: {lightgbm: {target: [signed_log]}}") == ["signed_log"]


def test_map_of_a_model_replaces_the_common_list(tmp_path: Path) -> None:
    fragment = "target: [signed_log]\nmodels: {lightgbm: {target: {scale: std}}}"
    assert kinds(tmp_path, fragment) == ["scale"]


def test_empty_map_of_a_model_inherits_the_list(tmp_path: Path) -> None:
    assert kinds(tmp_path, "target: [signed_log]\nmodels: {lightgbm: {target: {}}}") == ["signed_log"]


def test_empty_list_has_no_step(tmp_path: Path) -> None:
    assert kinds(tmp_path, "target: []\nmodels: {lightgbm: {}}") == []


@pytest.mark.parametrize("key", ["scale: std", "scale: mean", "level: none", "window: 4"])
def test_steps_with_another_key_are_refused(tmp_path: Path, key: str) -> None:
    problem = only(tmp_path, f"target: {{steps: [signed_log], {key}}}\nmodels: {{lightgbm: {{}}}}")
    assert (problem.code, problem.path) == ("FS011", "target")
    assert f"so `{key.partition(':')[0]}` must go" in problem.message


@pytest.mark.parametrize(
    ("target", "space", "reason"),
    [
        ("target: [{scale: mean}]", "{scale: {choice: [mean, std]}}", "the target is a list"),
        ("target: {scale: std}", "{steps: {choice: {a: [log1p]}}, window: {int: [2, 9]}}", "are searched too"),
    ],
)
def test_searched_key_next_to_list_is_refused(tmp_path: Path, target: str, space: str, reason: str) -> None:
    problem = only(tmp_path, f"{target}\nmodels: {{lightgbm: {{space: {{target: {space}}}}}}}")
    assert problem.code == "FS409"
    assert problem.path.startswith("models.lightgbm.space.target.")
    assert reason in problem.message


def test_searched_list_with_wrong_order_is_refused(tmp_path: Path) -> None:
    space = "{steps: {choice: {good: [log1p, {base: naive}], bad: [{base: naive}, log1p]}}}"
    problem = only(tmp_path, f"models: {{lightgbm: {{space: {{target: {space}}}}}}}")
    assert problem.path == "models.lightgbm.space.target.steps.choice.bad[1]"


@pytest.mark.parametrize(
    ("space", "end"),
    [
        ("{base: {branch: {none: {}, naiv: {}}}}", "base.branch.naiv"),
        ("{scale: {branch: {none: {}, means: {}}}}", "scale.branch.means"),
        ("{scale: {branch: {none: {}, mean: {base: {choice: [naiv]}}}}}", "scale.branch.mean.base.choice[0]"),
        ("{scale: {branch: {none: {}, mean: {windw: {int: [2, 9]}}}}}", "scale.branch.mean.windw"),
    ],
)
def test_mistake_in_a_searched_branch_is_reported(tmp_path: Path, space: str, end: str) -> None:
    found = problems(tmp_path, f"models: {{lightgbm: {{space: {{target: {space}}}}}}}")
    assert {problem.path for problem in found} == {f"models.lightgbm.space.target.{end}"}


def test_search_of_base_alone_passes(tmp_path: Path) -> None:
    document = read(
        tmp_path, "target: {level: none}\nmodels: {lightgbm: {space: {target: {base: {choice: [none, naive]}}}}}"
    )
    assert ("models", "naive") in members_used(document.spec)


def test_searched_list_replaces_the_fixed_map() -> None:
    fixed = TargetScaling(scale="std", window=4)
    assert [step.kind for step in fixed.overlaid({"steps": ["log1p"]}).in_order()] == ["log1p"]
    assert fixed.overlaid({"scale": "mean"}) == TargetScaling(scale="mean", window=4)
    assert fixed.overlaid({"steps": None}) == fixed


def test_list_is_inherited_by_models(tmp_path: Path) -> None:
    assert kinds(tmp_path, "target: [{base: naive}]\nmodels: {lightgbm: {}}") == ["base"]


def test_map_is_a_list_in_fixed_order(tmp_path: Path) -> None:
    fragment = "target: {scale: std, base: naive, transform: log1p}\nmodels: {lightgbm: {}}"
    assert kinds(tmp_path, fragment) == ["log1p", "base", "scale"]


def test_steps_and_rules_are_members_of_the_run(tmp_path: Path) -> None:
    used = members_used(read(tmp_path, "target: [log1p, {base: drift}]\nmodels: {lightgbm: {}}").spec)
    assert {("targets", "log1p"), ("targets", "base"), ("models", "drift")} <= set(used)


def test_whole_lists_can_be_searched(tmp_path: Path) -> None:
    choice = "{steps: {choice: {raw: [{scale: mean}], logs: [log1p, {scale: std}]}}}"
    document = read(tmp_path, f"models: {{lightgbm: {{space: {{target: {choice}}}}}}}")
    assert ("targets", "log1p") in members_used(document.spec)


@pytest.mark.parametrize(
    ("target", "path", "text"),
    [
        ("[{scale: mean}, {level: last}]", "target.steps[1]", "`level` comes too late"),
        ("[{scale: mean}, {scale: std}]", "target.steps[1]", "in the list already"),
        ("[{level: last}, {base: naive}]", "target.steps[1]", "`base` comes too late"),
        ("[{scale: mean}, {base: naive}]", "target.steps[1]", "`base` comes too late"),
        ("[{base: naive}, log1p]", "target.steps[1]", "`log1p` comes too late"),
        ("[{base: naive}, {scale: std}, {signed_log: {}}]", "target.steps[2]", "`signed_log` comes too late"),
        ("[{base: drif}]", "target.steps[0].base", "no rule that can be a base"),
        ("{base: zero}", "target.base", "no rule that can be a base"),
        ("[{log2: {}}]", "target.steps[0]", "exactly one of log1p, signed_log"),
        ("[{level: none}]", "target.steps[0].level", "expected `mean` or `last`"),
    ],
)
def test_list_that_makes_no_sense_is_refused(tmp_path: Path, target: str, path: str, text: str) -> None:
    found = only(tmp_path, f"target: {target}")
    assert (found.code, found.path) == ("FS011", path)
    assert text in found.message


class CubeRootStep(StepSection):
    """A step that a plug-in brings."""

    cube_root: NoArguments = NoArguments()


PLUGINS = {
    ("targets", "cube_root"): Member("cube_root", CubeRootStep, "cubes:CubeRoot", "Cube root."),
    ("models", "my_rule"): Member("my_rule", ModelSection, "rules:Rule", "A rule.", traits=frozenset({"can_be_base"})),
    ("features", "moon"): Member("moon", bool, "moon:Moon", "Phase of the moon.", default=False),
}


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_plugin(family: str, name: str) -> Plugin | None:
        member = PLUGINS.get((family, name))
        return Plugin(member, "tides", "1.0", "tides") if member else None

    monkeypatch.setattr("runner.members.family.find_plugin", find_plugin)


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(
    ("space", "names"),
    [
        ("target: {base: {choice: [naive, my_rule]}}", {"models.my_rule"}),
        ("target: {base: {choice: {off: none, on: my_rule}}}", {"models.my_rule"}),
        ("target: {base: {branch: {none: {}, my_rule: {}}}}", {"models.my_rule"}),
        ("target: {steps: {choice: {a: [cube_root], b: [{base: my_rule}]}}}", {"targets.cube_root", "models.my_rule"}),
        ("target: {scale: {branch: {mean: {base: {choice: [my_rule]}}, std: {}}}}", {"models.my_rule"}),
        ("features: {moon: {bool: true}}", {"features.moon"}),
        ("features: {calendar: {choice: {a: [week]}}, moon: {choice: [false, true]}}", {"features.moon"}),
        ("target: {scale: {choice: [mean, std]}}", set()),
    ],
)
def test_searched_plugins_are_members_of_the_run(tmp_path: Path, space: str, names: set[str]) -> None:
    spec = read(tmp_path, f"models: {{lightgbm: {{space: {{{space}}}}}}}").spec
    assert set(plugins_used(spec)) == names


def test_searched_builtins_are_members_of_the_run(tmp_path: Path) -> None:
    space = "{transform: {choice: [none, signed_log]}, base: {choice: [none, drift]}}"
    used = set(members_used(read(tmp_path, f"models: {{lightgbm: {{space: {{target: {space}}}}}}}").spec))
    assert {("targets", "signed_log"), ("targets", "base"), ("models", "drift"), ("targets", "scale")} <= used
    assert not {("targets", "log1p"), ("models", "naive")} & used


@pytest.mark.parametrize("metric", ["wmae", "{wmae: {}}", "{wmae: {weight: kind}}", "{wmae: {weight: prom}}"])
def test_wmae_without_a_known_covariate_is_refused(tmp_path: Path, metric: str) -> None:
    found = only(tmp_path, f"evaluation: {{metric: {metric}}}")
    assert (found.code, found.path) == ("FS011", "evaluation.metric.wmae.weight")
