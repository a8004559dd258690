"""Fourier terms are the waves they are named for, wherever the panel begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from feature_worlds import UNSCALED, column, panel, tables, view

from runner.families.features.build import TableBuilder
from runner.families.features.config import TableConfig
from runner.members.features.fourier import FourierTerms
from runner.members.features.section import Features


@pytest.mark.parametrize("freq", ["D", None])
def test_columns_are_sines_and_cosines_of_the_season(freq: str | None) -> None:
    world = panel(np.arange(60.0), future=3, freq=freq)
    for table in tables(view(world), fourier=FourierTerms(order=2, season=7.5)):
        angle = 2 * np.pi * table.rows.target / 7.5
        for k in (1, 2):
            np.testing.assert_allclose(column(table, f"fourier.7.5.sin.{k}"), np.sin(k * angle), atol=1e-6)
            np.testing.assert_allclose(column(table, f"fourier.7.5.cos.{k}"), np.cos(k * angle), atol=1e-6)


def test_fourier_terms_above_nyquist_are_dropped() -> None:
    train = tables(view(panel(np.arange(60.0), future=3), season=4), fourier=FourierTerms(order=9)).train
    names = [name for name in train.names if name.startswith("fourier")]
    assert names == ["fourier.4.sin.1", "fourier.4.cos.1", "fourier.4.cos.2"]


@pytest.mark.parametrize("freq", ["D", None])
def test_phase_is_that_of_the_fit(freq: str | None) -> None:
    whole = panel(np.arange(60.0), future=3, freq=freq)
    later = replace(whole, times=whole.times[10:], y=whole.y[:, 10:], start=whole.start, stop=whole.stop - 10)
    config = TableConfig(Features(fourier=FourierTerms(order=2)), UNSCALED)
    made = TableBuilder(view(whole), config).tables()
    again = TableBuilder(view(later), config).ahead(made.states, made.ahead.names)
    np.testing.assert_allclose(again.x, made.ahead.x, atol=1e-6)
