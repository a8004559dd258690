import pandas as pd
import pytest

from runner.language.frequency import FrequencyError, aliases, parse_frequency, season_of


@pytest.mark.parametrize("alias", aliases())
def test_every_alias_is_one_that_pandas_knows(alias):
    times = pd.date_range("2020-01-06", periods=400, freq=alias)
    mean = (times[-1] - times[0]).total_seconds() / 399
    assert mean == pytest.approx(parse_frequency(alias).seconds, rel=0.02)


@pytest.mark.parametrize("text", ["4h", "15min", "2D", "2W-SUN", "3MS", "30s"])
def test_multiples_are_those_of_pandas(text):
    times = pd.date_range("2020-01-06", periods=100, freq=text)
    mean = (times[-1] - times[0]).total_seconds() / 99
    assert mean == pytest.approx(parse_frequency(text).seconds, rel=0.02)
    assert str(parse_frequency(text)) == text


@pytest.mark.parametrize(
    ("freq", "season"),
    [
        ("W-FRI", 52),
        ("W", 52),
        ("D", 7),
        ("B", 5),
        ("h", 24),
        ("4h", 6),
        ("15min", 96),
        ("30min", 48),
        ("min", 1440),
        ("MS", 12),
        ("ME", 12),
        ("3MS", 4),
        ("QS", 4),
        ("QE-NOV", 4),
        ("YS", 1),
        ("YE-JUN", 1),
        ("2W-SUN", 26),
        ("5h", 1),
        (None, 1),
    ],
)
def test_season_usual_counts_steps_of_cycle(freq, season):
    assert season_of(freq) == season


@pytest.mark.parametrize(
    ("text", "advice"),
    [("H", "`h`"), ("T", "`min`"), ("M", "`ME`"), ("2H", "`h`"), ("w-fri", "`W-FRI`"), ("W-FRY", "`W-FRI`"),
     ("", "such as `4h`"), ("0h", "`h`"), ("-1D", "`D`"), ("1.5h", "`h`"), ("weekly", "write")],
)  # fmt: skip
def test_another_word_is_refused_with_the_nearest(text, advice):
    with pytest.raises(FrequencyError) as caught:
        parse_frequency(text)
    assert advice in caught.value.help


def test_business_days_take_no_multiple():
    with pytest.raises(FrequencyError, match="no multiple"):
        parse_frequency("2B")
