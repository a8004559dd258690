import json

import library_tables
import pytest

from runner.members.models.registry import MODELS
from runner.members.parameters import ParameterTable


def of(kind: str) -> ParameterTable:
    return MODELS[kind].spec.parameters


def test_lightgbm_table_names_match_installed_library():
    aliases = library_tables._ConfigAliases._get_all_param_aliases()
    assert {name: {name, *entry["aliases"]} for name, entry in of("lightgbm").entries.items()} == {
        name: set(others) for name, others in aliases.items()
    }


@pytest.mark.slow
def test_types_of_lightgbm_are_those_it_complains_about(capfd):
    assert json.loads(json.dumps(library_tables.lightgbm_parameters())) == of("lightgbm").entries


@pytest.mark.filterwarnings("ignore")
def test_catboost_table_matches_installed_library(capfd):
    assert json.loads(json.dumps(library_tables.catboost_parameters())) == of("catboost").entries


@pytest.mark.parametrize("kind", ["lightgbm", "catboost"])
def test_owned_parameters_exist_in_library(kind):
    assert set(of(kind).owned) <= set(of(kind).entries)


def test_canonical_alias_returns_name_of_library():
    assert of("lightgbm").canonical("eta") == "learning_rate"
    assert of("lightgbm").canonical("learning_rate") == "learning_rate"
    assert of("catboost").canonical("max_depth") == "depth"
    assert of("lightgbm").canonical("depth") is None


def test_types_are_the_librarys():
    assert of("lightgbm").type_of("num_leaves") == "int"
    assert of("lightgbm").type_of("learning_rate") == "float"
    assert of("lightgbm").type_of("extra_trees") == "bool"
    assert of("catboost").type_of("depth") == "int"
    assert of("catboost").type_of("l2_leaf_reg") == "float"


def test_table_names_exclude_owned_parameters():
    assert "n_jobs" not in of("lightgbm").names()
    assert "num_leaves" in of("lightgbm").names()
