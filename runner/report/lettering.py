"""How wide words are, and where they go: lines broken at the joints of names, labels that do not write over each other.

Widths are those of DejaVu Sans at 12 px, about the widest of the fonts that a page may get.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

LINE: Final = 14
"""Pixels from one line of text to the next."""
_WIDTHS: Final = {
    **dict.fromkeys("ijl|'", 3.6),
    **dict.fromkeys("It .,:;!/\\()[]-fr", 4.9),
    **dict.fromkeys("mW%@", 11.7),
    **dict.fromkeys("MwOQGD&+=−<>±~…", 10.1),
    **dict.fromkeys("cszJL_?", 6.7),
}
_BOLD: Final = 1.12
_JOINT: Final = re.compile(r"(?<=[ _,])|(?<=[./=:-])(?=[^\W\d])|(?=\()")
"""After a stroke within a name, and before a bracket; never within a number or a date."""


@dataclass(frozen=True)
class Box:
    """A rectangle, from its upper left."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Whether they have a point in common."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def within(self, other: Box) -> bool:
        """Whether it lies in the other."""
        return (
            other.x <= self.x
            and other.y <= self.y
            and self.x + self.width <= other.x + other.width
            and self.y + self.height <= other.y + other.height
        )


@dataclass(frozen=True)
class Label:
    """A text with its middle at x, on the line y; `led` when it is so far off that a line must lead to it."""

    text: str
    x: float
    y: float
    led: bool


def width_of(text: str, *, bold: bool = False) -> float:
    """Pixels."""
    return sum(map(_letter, text)) * (_BOLD if bold else 1.0)


def shorten(text: str, room: float) -> str:
    """The text, with its middle left out where it is wider than the room: names differ at their ends."""
    if width_of(text) <= room:
        return text
    for kept in range(len(text) - 1, 1, -1):
        tail = kept // 2
        short = f"{text[: kept - tail]}…{text[-tail:]}"
        if width_of(short) <= room:
            return short
    return text[:1] + "…"


def wrapped(text: str, room: float, most: int) -> list[str]:
    """The text in at most so many lines, broken at joints, a bracket on a line of its own; the rest is shortened."""
    if width_of(text) <= room:
        return [text]
    lines: list[str] = [""]
    for piece in filter(None, _JOINT.split(text)):
        if lines[-1] and (piece.startswith("(") or width_of((lines[-1] + piece).strip()) > room):
            lines.append("")
        lines[-1] += piece
    if len(lines) > most:
        lines = [*lines[: most - 1], "".join(lines[most - 1 :])]
    return [shorten(line.strip(), room) for line in lines]


def widest_piece(texts: Sequence[str]) -> float:
    """Pixels of the longest part that is not broken."""
    return max((width_of(piece) for text in texts for piece in _JOINT.split(text)), default=0.0)


def placed(points: Sequence[tuple[float, float, str]], inside: Box, size: float = 7.0) -> list[Label]:
    """A label for each (x, y, text) beside its point, free of the others and of all points where there is room."""
    taken = [Box(x - size, y - size, 2 * size, 2 * size) for x, y, _ in points]
    labels = []
    for x, y, text in points:
        tried = list(_around(x, y, width_of(text) + 4, size))
        free = (box for box in tried if box.within(inside) and not any(box.meets(other) for other in taken))
        box = next(free, None) or _least(tried, taken, inside)
        taken.append(box)
        far = max(abs(box.y + box.height / 2 - y), abs(box.x + box.width / 2 - x) - box.width / 2) > 2.2 * size
        labels.append(Label(text, box.x + box.width / 2, box.y + LINE - 4, far))
    return labels


def _around(x: float, y: float, width: float, size: float) -> Iterator[Box]:
    """Places for a text, the nearest first: above, below, right, left, then askew and further off."""
    yield Box(x - width / 2, y - size - LINE, width, LINE)
    yield Box(x - width / 2, y + size, width, LINE)
    yield Box(x + size + 2, y - LINE / 2, width, LINE)
    yield Box(x - size - 2 - width, y - LINE / 2, width, LINE)
    for ring in range(7):
        off = size + ring * LINE
        for left in (x - width / 2, x + size, x - size - width):
            yield Box(left, y - off - LINE, width, LINE)
            yield Box(left, y + off, width, LINE)


def _least(tried: Sequence[Box], taken: Sequence[Box], inside: Box) -> Box:
    """Where the fewest others are."""
    return min(tried, key=lambda box: (not box.within(inside), sum(box.meets(other) for other in taken)))


def _letter(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.combining(letter):
        return 0.0
    return 12.5 if unicodedata.east_asian_width(letter) in "WF" else 8.4 if letter.isupper() else 7.7
