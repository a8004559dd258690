"""What was sealed comes back identical, or is recognised as damaged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.files.checksum import DamagedError, unwrap, wrap
from runner.values.records import TrialRecord, as_record, plain

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(documents)
def test_unwrap_of_a_wrapped_document_returns_it_exactly(document):
    assert repr(unwrap(wrap(document))) == repr(_sorted(document))


def _sorted(document):
    if isinstance(document, dict):
        return {key: _sorted(document[key]) for key in sorted(document)}
    return [_sorted(item) for item in document] if isinstance(document, list) else document


def test_unwrap_of_a_truncated_record_raises_damaged(trial):
    content = wrap(plain(trial()))
    for length in range(len(content) - 1):  # the last byte is the newline
        with pytest.raises(DamagedError):
            unwrap(content[:length])


def test_unwrap_with_a_flipped_byte_raises_or_matches(trial):
    original = trial()
    content = wrap(plain(original))
    recognised = 0
    for place in range(len(content)):
        for mask in (0x01, 0x20, 0x80, 0xFF):
            garbled = bytearray(content)
            garbled[place] ^= mask
            try:
                assert plain(as_record(TrialRecord, unwrap(bytes(garbled)))) == plain(original)
            except DamagedError:
                recognised += 1
    assert recognised > 3.9 * len(content)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"record":1,"sha256":"x"}', b"\xff", b"[" * 100_000])
def test_unwrap_of_other_content_raises_damaged(content):
    with pytest.raises(DamagedError):
        unwrap(content)


def test_as_record_of_another_kind_raises_damaged():
    with pytest.raises(DamagedError, match="not a TrialRecord"):
        as_record(TrialRecord, unwrap(wrap({"number": "seven"})))
