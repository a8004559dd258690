"""Silence while MLflow is asked, and words again afterwards; one sentence when it cannot be asked."""

import logging

import pytest

from runner.errors import StoreError
from runner.track.client import asked, quiet
from runner.track.destination import destination

LOGGER = logging.getLogger("mlflow")


def test_two_threads_that_leave_in_another_order_than_they_came_leave_the_levels_as_they_were():
    before = LOGGER.level
    first, second = quiet(), quiet()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert LOGGER.level > logging.CRITICAL
    second.__exit__(None, None, None)
    assert LOGGER.level == before


def test_silence_ends_with_an_error_too():
    before = LOGGER.level
    try:
        with quiet():
            raise ValueError
    except ValueError:
        assert LOGGER.level == before


@pytest.mark.parametrize("writing", [False, True])
def test_only_who_writes_is_told_that_nothing_was_changed(writing, tmp_path):
    away = destination({"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}, tmp_path)
    with pytest.raises(StoreError) as said, asked(away, writing):
        pass
    tail = "; nothing was changed there" if writing else ""
    assert str(said.value) == f"http://127.0.0.1:9: nothing listens there (connection refused){tail}"
