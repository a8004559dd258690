"""Silence while MLflow is asked, and words again afterwards."""

import logging

from runner.track.client import quiet

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
