"""Tables line up in a terminal and survive any text in Markdown."""

import pytest

from runner.files.tables import escape_markdown, escape_rows, markdown_table, text_table


def test_text_table_aligns_columns_by_their_widest_cell():
    assert text_table([("model", "score"), ("a", "1.5"), ("", "12.25")], right={1}) == [
        "model  score",
        "a        1.5",
        "       12.25",
    ]


def test_text_table_counts_wide_characters_as_two():
    assert text_table([("売上", "x"), ("abcd", "y")]) == ["売上  x", "abcd  y"]


def test_text_table_lets_wide_cells_push_the_rest():
    assert text_table([("a" * 9, "x"), ("b", "y")], widest=3) == [f"{'a' * 9}  x", "b  y"]


def test_text_table_without_rows_is_empty():
    assert text_table([]) == []


def test_markdown_table_has_a_rule_below_the_titles():
    rows = escape_rows([("a|b", "1")])
    assert markdown_table(("model", "score"), rows, ("---", "---:")).splitlines() == [
        "| model | score |",
        "|---|---:|",
        r"| a\|b | 1 |",
    ]


@pytest.mark.parametrize("text", ["a|b", "<script>", "`x`", "[a](b)", "two\nlines"])
def test_escape_markdown_leaves_nothing_special(text):
    escaped = escape_markdown(text)
    assert "\n" not in escaped
    assert not set(escaped) & set("<>")
    assert all(escaped[at - 1] == "\\" for at, letter in enumerate(escaped) if letter in "|`[]")
