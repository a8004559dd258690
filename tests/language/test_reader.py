import pytest

from runner.language.nodes import MOST_FINDINGS, Findings
from runner.language.reader import MAX_BYTES, decode, read


def reading(text):
    findings = Findings()
    result = read(text, "a.yaml", findings)
    return result, [(d.code, d.span.line, d.span.col) for d in findings.sorted()]


def test_a_document_becomes_plain_values():
    result, found = reading("a: 1e-3\nb: [x, no, 'yes']\nc: {d: null}\ne: |\n  two\n  lines\n")
    assert found == []
    assert result.node.plain() == {"a": 0.001, "b": ["x", "no", "yes"], "c": {"d": None}, "e": "two\nlines\n"}


def test_every_value_knows_its_line_and_column():
    result, _ = reading("a:\n  b: 12\n  c:\n    - x\n    - {d: yy}\n\n\nz: 1\n")
    places = result.node.origins()
    assert (places["a", "b"].value.line, places["a", "b"].value.col, places["a", "b"].value.end_col) == (2, 6, 8)
    assert (places["a", "c", 1, "d"].key.line, places["a", "c", 1, "d"].key.col) == (5, 8)
    # A block ends with its last value, not where the next key begins.
    assert (places["a",].value.end_line, places["a",].value.end_col) == (5, 14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", [("FS002", 2, 1)]),
        ("a: 012\n", [("FS004", 1, 4)]),
        ("a: &x 1\nb: *x\n", [("FS005", 1, 4), ("FS005", 2, 4)]),
        ("a: !!python/object:os.system x\n", [("FS005", 1, 4)]),
        ("a: !!str 1\n", [("FS005", 1, 4)]),
        ("<<: {a: 1}\n", [("FS005", 1, 1)]),
        ("1: a\ntrue: b\n", [("FS011", 1, 1), ("FS011", 2, 1)]),
        ("? [a]\n: 1\n", [("FS011", 1, 3)]),
        ("a: .inf\nb: 1e400\n", [("FS011", 1, 4), ("FS011", 2, 4)]),
        ("a: 1\n---\nb: 2\n", [("FS001", 2, 1)]),
        ("a: [1, 2\n", [("FS001", 2, 1)]),
        ("a:\n\tb: 1\n", [("FS001", 2, 1)]),
        ("a: b: c\n", [("FS001", 1, 5)]),
        ("ab: \x00\n", [("FS006", 1, 5)]),
        ("a: 1\nb: \u202eevil\n", [("FS006", 2, 4)]),
        ("a: \x1b[31m\n", [("FS006", 1, 4)]),
        ("a: \u2028b: 1\n", [("FS006", 1, 4)]),
    ],
)
def test_each_trap_is_named_where_it_stands(text, expected):
    assert reading(text)[1] == expected


def test_traps_are_reported_together():
    _, found = reading("a: 012\nb: &x 1\na: 2\nc: !t 3\n? {}\n: 1\n")
    assert [code for code, _, _ in found] == ["FS004", "FS005", "FS002", "FS005", "FS011"]


def test_a_quoted_merge_sign_is_an_ordinary_key():
    assert reading("'<<': 1\n")[1] == []


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: ", "&a [", "!t ["])
def test_deep_nesting_stops_early_whatever_nests(opening):
    result, found = reading(opening * (100_000 // len(opening)))
    assert not result.whole
    assert found[0][0] in ("FS005", "FS006", "FS001")


def test_an_alias_bomb_never_grows():
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{b}: &{b} [{','.join(['*' + a] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    result, found = reading("\n".join(lines))
    assert {code for code, _, _ in found} == {"FS005"}
    assert sum(1 for _ in result.node.walk()) < 200


def test_many_values_are_refused():
    assert reading("[" + "1," * 30_000 + "1]")[1][0][0] == "FS006"


def test_the_number_of_findings_is_bounded():
    assert len(reading("a: 1\n" * 50_000)[1]) <= MOST_FINDINGS


def test_decode_other_encoding_is_refused_with_place():
    findings = Findings()
    assert decode("a: 1\nb: caf\xe9\n".encode("latin-1"), "a.yaml", findings) is None
    (found,) = findings.sorted()
    assert (found.code, found.span.line, found.span.col) == ("FS006", 2, 7)


def test_a_byte_order_mark_is_understood():
    assert decode("﻿a: 1".encode(), "a.yaml", Findings()) == "a: 1"


def test_a_file_that_is_too_big_is_refused():
    findings = Findings()
    assert decode(b"a" * (MAX_BYTES + 1), "a.yaml", findings) is None
    assert findings.sorted()[0].code == "FS006"


def test_an_empty_text_is_an_empty_map():
    assert reading("")[0].node.plain() == {}
    assert reading("# only a comment\n")[0].node.plain() == {}
