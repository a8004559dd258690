"""The limits of tags, held against those who set them."""

import pytest

from runner.lint.rules.tracking import LONGEST_KEY, LONGEST_TAG, names_a_tag
from runner.track import run_content as contents


def test_tags_are_cut_where_the_tracker_cuts_them():
    assert contents.LONGEST_TAG == LONGEST_TAG


@pytest.mark.slow
@pytest.mark.parametrize("key", ["team", "a.b-c/d e:f", "cost (EUR)", "größe", "a+b", "", "x" * 250, "x" * 251])
def test_names_a_tag_agrees_with_mlflow(key):
    from mlflow.exceptions import MlflowException
    from mlflow.utils.validation import _validate_tag

    try:
        _validate_tag(key, "value")
        accepted = True
    except MlflowException:
        accepted = False
    assert names_a_tag(key) == accepted


def test_the_longest_name_is_mlflows():
    assert LONGEST_KEY == 250
