import numpy as np
import pytest
from feature_worlds import column, panel, tables, view

NAN = np.nan
OTHER = np.random.default_rng(3).normal(5, 1, 28)


def profile(y, name, **where):
    """The statistic of one series; a second one is there so that the column is not a constant."""
    world = panel([y, OTHER[: len(y)]], future=3)
    ahead = tables(view(world, **where), profile=(name,)).ahead
    return column(ahead, f"profile.{name}")[0]


@pytest.mark.parametrize(
    ("name", "y", "expected"),
    [
        ("mean", np.arange(28.0), 13.5),
        ("cv", np.tile([1.0, 3], 14), 0.5),
        ("zeros", np.tile([0.0, 1, NAN, 1], 7), 1 / 3),
        ("trend", np.arange(28.0), 7 / 13.5),
        ("seasonality", np.tile([1.0, 2, 3, 4, 3, 2, 0], 4), 1.0),
    ],
)
def test_a_statistic_of_a_known_series_is_known(name, y, expected):
    assert profile(y, name) == pytest.approx(expected, abs=0.02 if name == "seasonality" else 1e-6)


def test_missing_is_share_up_to_cutoff():
    world = panel([[NAN, NAN, 1, NAN, 1, 1, NAN, NAN], np.ones(8)], future=3)
    assert column(tables(view(world), profile=("missing",)).ahead, "profile.missing")[0] == 0.5


def test_missing_does_not_leak_the_series_end():
    ends = np.append(np.ones(6), np.full(6, NAN))
    goes_on = np.append(ends[:10], [1, 1])
    assert profile(ends, "missing", cutoff=10) == profile(goes_on, "missing", cutoff=10) == pytest.approx(0.4)


def test_noise_has_little_season():
    noise = np.random.default_rng(0).normal(0, 1, 7 * 60)
    ahead = tables(view(panel([noise, np.tile(np.arange(7.0), 60)], future=3)), profile=("seasonality",)).ahead
    assert column(ahead, "profile.seasonality")[0] < 0.1


def test_less_than_two_seasons_show_no_season():
    assert np.isnan(profile(np.append(np.full(15, NAN), np.arange(13.0)), "seasonality"))


def test_it_is_learnt_from_the_visible_part_alone():
    y = np.append(np.arange(20.0), np.full(8, 1e6))
    assert profile(y, "mean", cutoff=20) == pytest.approx(9.5)
