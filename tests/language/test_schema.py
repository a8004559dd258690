import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from spec_worlds import SOUND

from runner.language.key_paths import keys_of, sections
from runner.language.schema import descriptions, experiment_schema, field_table, schema_text
from runner.language.unbuilt import UNBUILT

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
VALIDATOR = Draft202012Validator(experiment_schema())


def plain(text):
    # PyYAML reads 1e-8 as text; the schema is for readers of YAML 1.2.
    return yaml.safe_load(re.sub(r"\b(\d+)e(-?\d+)", r"\1.0e\2", text))


def test_the_committed_schema_is_current():
    committed = (ROOT / "schemas" / "experiment.v1.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(), "run-spec schema > schemas/experiment.v1.schema.json"


def test_the_schema_is_a_sound_one():
    Draft202012Validator.check_schema(experiment_schema())


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_shipped_spec_fits(path):
    assert [error.message for error in VALIDATOR.iter_errors(plain(path.read_text()))] == []


@pytest.mark.parametrize(
    "more",
    [
        "evaluation: {metric: {mase: {season: 1}}, report: [mae, {coverage: {level: 0.8}}]}",
        "tracking: {server: {env: MLFLOW_TRACKING_URI}}",
        "description: {env: WORDS}",
        "training: {steps: {every: 2}}",
        "run: {workers: 4, engine: local}",
        "study: {budget: {time: 1.5h, failures: 20%}}",
    ],
)
def test_shorthands_fit(more):
    assert [error.message for error in VALIDATOR.iter_errors(plain(SOUND + more))] == []


def test_schema_spec_with_bases_may_omit_keys():
    assert VALIDATOR.is_valid({"version": 1, "extends": ["base.yaml"], "models": {"naive": None}})
    assert not VALIDATOR.is_valid({"version": 1})


@pytest.mark.parametrize(
    "text",
    [
        SOUND.replace("version: 1", "version: 2"),
        SOUND.replace("name: sound", "name: Not A Name"),
        SOUND.replace("horizon: 13", "horizon: 0"),
        SOUND.replace("horizon: 13", 'horizon: "13"'),
        SOUND.replace("{horizon: 13}", "{}"),
        SOUND.replace("target: y", "traget: y"),
        SOUND.replace("{synthetic: {}}", "{synthetic: {}, csv: x}"),
        SOUND.replace("seasonal_naive: {}", "mine: {}"),
        SOUND.replace("seasonal_naive: {}", "mine: {use: nothing}"),
        SOUND.replace("seasonal_naive: {}", "naive: {window: 3}"),
        SOUND.replace("seasonal_naive: {}", "blend: {}"),
        SOUND.replace("seasonal_naive: {}", "lightgbm: {space: {num_leaves: [1, 2]}}"),
        SOUND.replace("seasonal_naive: {}", "lightgbm: {space: {num_leaves: {int: [1, 2], lo: true}}}"),
        SOUND + "evaluation: {metric: wappe}",
        SOUND + "evaluation: {metric: {mase: {}, mae: {}}}",
        SOUND + "study: {budget: {time: 10}}",
        SOUND + "unknown: 1",
    ],
)
def test_broken_specs_do_not_fit(text):
    assert not VALIDATOR.is_valid(plain(text))


def test_every_key_of_the_language_is_described():
    for path, section in sections():
        missing = set(section.model_fields) - set(descriptions(section))
        assert not missing, (path, missing)


def test_the_schema_describes_every_property():
    schema = json.loads(schema_text())
    bare = [
        (name, key)
        for name, definition in [("", schema), *schema["$defs"].items()]
        for key, written in definition.get("properties", {}).items()
        if "description" not in written and name != "Env"
    ]
    assert bare == []


def test_field_table_has_row_for_every_key():
    table = field_table()
    assert "| `forecast.horizon` | integer | required | Steps forecast. |" in table
    assert "| `evaluation.metric` | metric | `wape` |" in table
    rows = table.count("\n") - 2
    assert rows == sum(len(section.model_fields) for section in {section for _, section in sections()})


def test_unbuilt_names_are_offered_nowhere() -> None:
    table, schema = field_table(), (ROOT / "schemas" / "experiment.v1.schema.json").read_text()
    homes = {".".join(path): keys_of(section) for path, section in sections()}
    for path, names in UNBUILT.items():
        assert [name for name in names if f'"{name}"' in schema or f"`{name}`" in table] == []
        assert names or path[-1] not in homes[".".join(path[:-1])]
