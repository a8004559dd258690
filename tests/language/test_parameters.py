import json

import library_tables
import pytest

from runner.language.parameters import OWNED, canonical_param, known_names, table, type_of


def test_names_and_aliases_of_lightgbm_are_those_of_the_installed_library():
    aliases = library_tables._ConfigAliases._get_all_param_aliases()
    assert {name: {name, *entry["aliases"]} for name, entry in table("lightgbm").items()} == {
        name: set(others) for name, others in aliases.items()
    }


@pytest.mark.slow
def test_types_of_lightgbm_are_those_it_complains_about(capfd):
    assert json.loads(json.dumps(library_tables.lightgbm_parameters())) == table("lightgbm")


@pytest.mark.filterwarnings("ignore")
def test_the_catboost_table_is_what_the_installed_library_says(capfd):
    assert json.loads(json.dumps(library_tables.catboost_parameters())) == table("catboost")


@pytest.mark.parametrize("kind", ["lightgbm", "catboost"])
def test_what_run_spec_sets_itself_exists_in_the_library(kind):
    assert set(OWNED[kind]) <= set(table(kind))


def test_aliases_lead_to_the_librarys_own_name_and_strangers_nowhere():
    assert canonical_param("lightgbm", "eta") == "learning_rate"
    assert canonical_param("lightgbm", "learning_rate") == "learning_rate"
    assert canonical_param("catboost", "max_depth") == "depth"
    assert canonical_param("lightgbm", "depth") is None


def test_types_are_the_librarys():
    assert type_of("lightgbm", "num_leaves") == "int"
    assert type_of("lightgbm", "learning_rate") == "float"
    assert type_of("lightgbm", "extra_trees") == "bool"
    assert type_of("catboost", "depth") == "int"
    assert type_of("catboost", "l2_leaf_reg") == "float"


def test_names_that_may_be_written_are_never_those_of_run_spec():
    assert "n_jobs" not in known_names("lightgbm")
    assert "num_leaves" in known_names("lightgbm")
