import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from spec_worlds import SOUND, only, over_sound, problems, read, write

from runner.errors import SpecError
from runner.language.parse import attempt, from_json, parse, spec_hash

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
HEAVY = {"pandas", "numpy", "mlflow", "optuna", "lightgbm", "catboost", "sklearn", "jsonschema", "altair"}


def test_a_sound_spec_becomes_a_frozen_value(tmp_path):
    document = parse(write(tmp_path, SOUND))
    assert document.spec.name == "sound"
    assert document.text == SOUND
    assert document.root == tmp_path.resolve()
    assert not document.overridden
    with pytest.raises(ValueError, match="frozen"):
        document.spec.name = "other"
    with pytest.raises(TypeError, match="cannot be changed"):
        document.spec.models["x"] = None


def test_parse_many_problems_reports_all_in_reading_order(tmp_path):
    write(tmp_path, SOUND.replace("horizon: 13", "horizon: 0"), "base.yaml")
    path = write(tmp_path, "extends: base.yaml\nstudy: {generation: x, generations: 2}\nrun: {worker: 1}\n")
    with pytest.raises(SpecError) as caught:
        parse(path)
    places = [(Path(d.file).name, d.span.line, d.code) for d in caught.value.diagnostics]
    assert sorted(places) == [
        ("base.yaml", 10, "FS011"),
        ("spec.yaml", 2, "FS010"),
        ("spec.yaml", 2, "FS011"),
        ("spec.yaml", 3, "FS010"),
    ]
    own = [place for place in places if place[0] == "spec.yaml"]
    assert own == sorted(own, key=lambda place: place[1])


@pytest.mark.parametrize(
    ("fragment", "code", "path", "words"),
    [
        ("forecast: {horizn: 3}", "FS010", "forecast.horizn", "did you mean `horizon`?"),
        ("data: {horizon: 3}", "FS012", "data.horizon", "it belongs in `forecast`"),
        ("forecast: {horizon: true}", "FS011", "forecast.horizon", "expected a whole number, got true"),
        ("forecast: {horizon: 1.5}", "FS011", "forecast.horizon", "expected a whole number, got 1.5"),
        ('forecast: {horizon: "13"}', "FS003", "forecast.horizon", "drop the quotes"),
        ("forecast: {horizon: 1:30}", "FS004", "forecast.horizon", "one unit"),
        ("features: {ids: yes}", "FS004", "features.ids", "write true"),
        ("forecast: {season: x}", "FS011", "forecast.season", "a whole number or a list"),
        ("forecast: 3", "FS011", "forecast", "expected a map of keys, got 3"),
        ("models: [naive]", "FS011", "models", "write `models: {"),
        ("features: {holidays: US}", "FS011", "features.holidays", "its keys are country, subdivision, distance"),
        ("forecast: {quantiles: 0.5}", "FS011", "forecast.quantiles", "write `[0.5]`"),
        ("data: {series: Store}", "FS011", "data.series", "write `[Store]`"),
        ("data: {target: 3}", "FS011", "data.target", "put it in quotes"),
        ("data: {gaps: missin}", "FS011", "data.gaps", "did you mean `missing`?"),
        ("data: {source: {csvv: x}}", "FS011", "data.source", "did you mean `csv`?"),
        ("data: {source: {csv: x, parquet: y}}", "FS011", "data.source", "exactly one of"),
        ("data: {freq: w-fri}", "FS011", "data.freq", "did you mean `W-FRI`?"),
        ("data: {freq: H}", "FS011", "data.freq", "did you mean `h`?"),
        ("data: {freq: null}", "FS014", "data.freq", "needs the key `freq`"),
        ("data: {time: {integer: n}}", "FS011", "data.freq", "integer time has no calendar"),
        ("data: {time: {integer: n}, freq: null}\nfeatures: {calendar: [month]}", "FS011", "features.calendar",
         "dates"),
        ("data: {target: null}", "FS014", "data.target", "`data` needs the key `target`"),
        ("data: {covariates: {known: [y]}}", "FS203", "data.covariates.known[0]", "target already"),
        ("data: {covariates: {known: [kind]}}", "FS107", "data.covariates.static[0]", "known already"),
        ("version: 3", "FS013", "version", "understands `version: 1`"),
        ("name: Not A Name", "FS011", "name", "small letters"),
        ("models: {lightgm: {}}", "FS011", "models.lightgm", "did you mean `lightgbm`?"),
        ("models: {mine: {use: catbost}}", "FS011", "models.mine", "did you mean `catboost`?"),
        ("models: {My Model: {use: naive}}", "FS011", "models.My Model", "is not a name"),
        ("models: {naive: {window: 3}}", "FS010", "models.naive.window", "unknown key"),
        ("models: {blend: {of: [seasonal_naive]}}", "FS011", "models.blend.of", "at least 2 items"),
        ("models: {blend: {of: [seasonal_naive, naiv]}}", "FS011", "models.blend.of[1]", "no model `naiv`"),
        ("models: {blend: {of: [seasonal_naive, seasonal_naive]}}", "FS011", "models.blend.of[1]", "already"),
        ("models: {naive: {}, b2: {use: blend, of: [naive, blend]}, blend: {of: [naive, seasonal_naive]}}", "FS011",
         "models.b2.of[1]", "part of a blend"),
        ("evaluation: {metric: wappe}", "FS307", "evaluation.metric", "did you mean `wape`?"),
        ("evaluation: {metric: {mase: {season: 0}}}", "FS011", "evaluation.metric.mase.season", "at least 1"),
        ("evaluation: {metric: {mase: {seasn: 1}}}", "FS010", "evaluation.metric.mase.seasn", "`season`"),
        ("evaluation: {report: [mae, mae]}", "FS011", "evaluation.report[1]", "already"),
        ("evaluation: {report: [pinball]}", "FS305", "evaluation.report[0]", "needs quantiles"),
        ("evaluation: {metric: pinball}\nforecast: {quantiles: [0.1, 0.9]}", "FS305", "evaluation.metric",
         "quantiles are made after tuning; hint: tune by `wape`, `mase` or `mae`, and write `report: [pinball]`"),
        ("evaluation: {metric: {coverage: {level: 0.8}}}\nforecast: {quantiles: [0.1, 0.9]}", "FS305",
         "evaluation.metric", "cannot be tuned by `coverage`"),
        ("evaluation: {report: [{coverage: {level: 0.9}}]}\nforecast: {quantiles: [0.1, 0.9]}", "FS305",
         "evaluation.report[0]", "0.05 and 0.95"),
        ("evaluation: {baseline: nope}", "FS308", "evaluation.baseline", "neither a model"),
        ("evaluation: {tuning: {min_horizon: 14}}", "FS011", "evaluation.tuning.min_horizon", "beyond the horizon"),
        ("forecast: {quantiles: [0.9, 0.1]}", "FS011", "forecast.quantiles[1]", "ascend"),
        ("forecast: {quantiles: [0.5, 0.5]}", "FS011", "forecast.quantiles[1]", "already"),
        ("features: {lags: [1, 1]}", "FS011", "features.lags[1]", "already"),
        ("study: {budget: {time: 10}}", "FS011", "study.budget.time", "90s, 10m or 2h"),
        ("study: {budget: {failures: 120%}}", "FS011", "study.budget.failures", "between 0% and 100%"),
        ("data: {source: {synthetic: {series: 2, short: 3}}}", "FS011", "data.source.synthetic.short", "more `short`"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_sentence_at_its_place(tmp_path, fragment, code, path, words):
    found = only(tmp_path, fragment)
    assert (found.code, found.path) == (code, path)
    assert words in str(found)


@pytest.mark.parametrize(
    ("fragment", "path"),
    [
        ("study: {warm_start: some-run}", "study.warm_start"),
        ("study: {sampler: {name: cmaes}}", "study.sampler.name"),
        ("study: {sampler: {name: gp}}", "study.sampler.name"),
        ("study: {sampler: {name: grid}}", "study.sampler.name"),
        ("study: {pruner: {name: wilcoxon}}", "study.pruner.name"),
        ('run: {engine: {dask: "tcp://host:1"}}', "run.engine"),
        ("training: {weights: recent}", "training.weights"),
    ],
)
def test_parse_unbuilt_key_is_refused_by_name(tmp_path, fragment, path):
    found = only(tmp_path, fragment)
    assert (found.code, found.path) == ("FS019", path)
    assert "not built yet" in found.message


def test_a_misspelt_key_is_not_missing_as_well(tmp_path):
    with pytest.raises(SpecError) as caught:
        parse(write(tmp_path, SOUND.replace("horizon", "horizn").replace("target:", "traget:")))
    assert [(d.code, d.path) for d in caught.value.diagnostics] == [
        ("FS010", "data.traget"),
        ("FS010", "forecast.horizn"),
    ]


def test_parse_inherited_problem_is_reported_once(tmp_path):
    found = problems(tmp_path, "models: {lightgbm: {}, catboost: {}}\nfeatures: {lags: [0]}\n")
    assert [(d.code, d.path) for d in found] == [("FS011", "features.lags[0]")]


def test_boosters_are_complete_and_their_own_settings_win(tmp_path):
    fragment = """\
features: {lags: [1, 2], calendar: [month], holidays: {country: US}}
target: {scale: std, window: 8}
models:
  lightgbm: {features: {lags: [3], holidays: null}, target: {window: 4}}
  catboost: {}
"""
    models = read(tmp_path, fragment).spec.models
    assert models["lightgbm"].features.lags == (3,)
    assert models["lightgbm"].features.calendar == ("month",)
    assert models["lightgbm"].features.holidays is None
    assert (models["lightgbm"].target.scale, models["lightgbm"].target.window) == ("std", 4)
    assert models["catboost"].features.lags == (1, 2)
    assert models["catboost"].training.steps == "all"


def test_aliases_of_parameters_become_the_librarys_own_names(tmp_path):
    fragment = """\
models:
  lightgbm:
    params: {min_child_samples: 5}
    space:
      eta: {float: [0.1, 0.2]}
      boosting: {branch: {gbdt: {reg_alpha: {float: [0.1, 1]}}, dart: {}}}
  catboost: {space: {params: {max_depth: {int: [4, 6]}}}}
"""
    models = read(tmp_path, fragment).spec.models
    assert dict(models["lightgbm"].params) == {"min_data_in_leaf": 5}
    assert list(models["lightgbm"].space) == ["learning_rate", "boosting"]
    assert list(models["lightgbm"].space["boosting"].branches["gbdt"]) == ["lambda_l1"]
    assert list(models["catboost"].space.params) == ["depth"]


def test_two_aliases_of_one_parameter_are_a_duplicate(tmp_path):
    found = only(tmp_path, "models: {lightgbm: {params: {eta: 0.1, learning_rate: 0.2}}}")
    assert found.code == "FS002"
    assert "`learning_rate` and `eta` are the same parameter" in found.message


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_json_shipped_spec_keeps_its_hash(path):
    spec = parse(path).spec
    again = from_json(spec.model_dump_json())
    assert again == spec
    assert spec_hash(again) == spec_hash(spec)


def test_the_hash_ignores_layout_and_sees_every_value(tmp_path):
    one = parse(write(tmp_path, SOUND)).spec
    same = parse(write(tmp_path, SOUND.replace("{horizon: 13}", "\n  # longer\n  horizon:   13"))).spec
    other = parse(write(tmp_path, SOUND.replace("13", "14"))).spec
    assert spec_hash(one) == spec_hash(same) != spec_hash(other)


def test_durations_and_percentages_survive_json(tmp_path):
    fragment = "study: {budget: {time: 12345678.5h, failures: 0.00001%}}"
    spec = read(tmp_path, fragment).spec
    assert json.loads(spec.model_dump_json())["study"]["budget"]["failures"] == "0.00001%"
    assert from_json(spec.model_dump_json()) == spec


def test_attempt_unreadable_document_raises_nothing(tmp_path):
    document, found = attempt(over_sound(tmp_path, "forecast: ["))
    assert document is None
    # The rest was not read, so nothing is reported as missing.
    assert [d.code for d in found] == ["FS001"]


def test_parsing_is_light_and_quick():
    code = (
        "import sys; from pathlib import Path; from runner.language.parse import parse; parse(Path(sys.argv[1]));"
        "print(*sorted(name for name in sys.modules if '.' not in name))"
    )
    quickest = 9.0  # seconds of processor time: other people's work on the machine is not ours
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", code, str(ROOT / "specs" / "walmart.yaml")],
            capture_output=True, text=True, check=True, cwd=ROOT,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        quickest = min(quickest, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert not HEAVY & set(done.stdout.split())
        if quickest < 0.4:
            break
    assert quickest < 0.4
