import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.language.scalars import ScalarError, look_alike, resolve, shorten


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-7", -7),
        ("+7", 7),
        ("0", 0),
        ("0.10", 0.1),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2020-01-01", "2020-01-01"),
        ("1_000", "1_000"),
        ("W-FRI", "W-FRI"),
        ("20%", "20%"),
        ("-", "-"),
        ("١٢", "١٢"),
    ],
)
def test_plain_scalars_read_as_in_yaml_1_2(text, value):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", ["012", "-07", "00", "0o17", "0x1F", "00.5", "0b1"])
def test_numbers_that_readers_disagree_about_are_refused(text):
    with pytest.raises(ScalarError) as caught:
        resolve(text)
    assert caught.value.code == "FS004"


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e400", "9" * 30, "1" * 5000])
def test_resolve_infinite_or_huge_number_is_refused(text):
    with pytest.raises(ScalarError) as caught:
        resolve(text)
    assert caught.value.code == "FS011"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_reads_as_itself(number):
    assert math.isclose(float(resolve(repr(number))), number, rel_tol=0, abs_tol=0)


@given(st.text())
def test_resolve_any_text_returns_value_or_error(text):
    with contextlib.suppress(ScalarError):
        value = resolve(text)
        assert value is None or isinstance(value, bool | int | float | str)


def test_look_alike_old_boolean_returns_value():
    assert look_alike("No") is False
    assert look_alike("0.1") == 0.1
    assert look_alike("word") is None
    assert look_alike("012") is None


@given(st.text(max_size=300))
def test_shorten_control_characters_fits_one_line(text):
    short = shorten(text)
    assert len(short) <= 60
    assert all(character.isprintable() for character in short)
