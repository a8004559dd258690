"""Write tables as text for a terminal and as Markdown for a page."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal

from rich.cells import cell_len

Align = Literal["---", ":---", "---:"]
_SPECIAL = re.compile(r"([\\`*_\[\]#|~])")


def text_table(rows: Sequence[Sequence[str]], *, right: Collection[int] = (), widest: int | None = None) -> list[str]:
    """Return the rows as lines of aligned columns.

    Columns `right` are flushed right. Cells wider than `widest` push what follows instead of widening their column.
    """
    widths = [
        max((width for width in map(cell_len, column) if widest is None or width <= widest), default=0)
        for column in zip(*rows, strict=True)
    ]
    return [
        "  ".join(
            _padded(cell, width, flush_right=number in right)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _padded(cell: str, width: int, *, flush_right: bool) -> str:
    blanks = " " * (width - cell_len(cell))
    return blanks + cell if flush_right else cell + blanks


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]], align: Sequence[Align] = ()) -> str:
    """Return a pipe table of cells that are Markdown already."""
    title, *body = [f"| {' | '.join(cells)} |" for cells in (titles, *rows)]
    rule = f"|{'|'.join(align or ['---'] * len(titles))}|"
    return "\n".join([title, rule, *body])


def escape_markdown(text: str) -> str:
    """Return one line of Markdown that shows the text as it is."""
    text = _SPECIAL.sub(r"\\\1", text).replace("\n", " ")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")  # some renderers take HTML first


def escape_rows(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return rows of text as rows of Markdown."""
    return [[escape_markdown(cell) for cell in row] for row in rows]
