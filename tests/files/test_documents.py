"""JSON documents are written one way and read with a limit."""

import pytest

from runner.files.documents import canonical_json, parse_json


def test_canonical_json_of_nan_raises():
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"wape": float("nan")})


def test_canonical_json_sorts_keys_and_leaves_no_blanks():
    assert canonical_json({"b": [1, 2], "a": "é"}) == b'{"a":"\\u00e9","b":[1,2]}'


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[" * 900 + "]" * 900, '{"a":' * 101 + "1" + "}" * 101])
def test_parse_json_of_other_text_raises_value_error(text):
    with pytest.raises(ValueError, match=r"Expecting|nested more than 100 levels deep"):
        parse_json(text)


def test_parse_json_of_a_nested_document_returns_it():
    assert parse_json(b'{"a": [{"b": [1, null]}]}') == {"a": [{"b": [1, None]}]}
