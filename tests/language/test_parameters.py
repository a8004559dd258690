import json

import library_tables
import pytest

from runner.members.models import MODELS
from runner.members.parameters import ParameterTable


def of(kind: str) -> ParameterTable:
    return MODELS[kind].spec.parameters


def test_names_and_aliases_of_lightgbm_are_those_of_the_installed_library():
    aliases = library_tables._ConfigAliases._get_all_param_aliases()
    assert {name: {name, *entry["aliases"]} for name, entry in of("lightgbm").entries.items()} == {
        name: set(others) for name, others in aliases.items()
    }


@pytest.mark.slow
def test_types_of_lightgbm_are_those_it_complains_about(capfd):
    assert json.loads(json.dumps(library_tables.lightgbm_parameters())) == of("lightgbm").entries


@pytest.mark.filterwarnings("ignore")
def test_the_catboost_table_is_what_the_installed_library_says(capfd):
    assert json.loads(json.dumps(library_tables.catboost_parameters())) == of("catboost").entries


@pytest.mark.parametrize("kind", ["lightgbm", "catboost"])
def test_what_run_spec_sets_itself_exists_in_the_library(kind):
    assert set(of(kind).owned) <= set(of(kind).entries)


def test_aliases_lead_to_the_librarys_own_name_and_strangers_nowhere():
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


def test_names_that_may_be_written_are_never_those_of_run_spec():
    assert "n_jobs" not in of("lightgbm").names()
    assert "num_leaves" in of("lightgbm").names()
