"""Define the questions of a draft, and split column names into words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Question:
    """A guess to confirm. `known` limits the answers unless it is empty."""

    key: str  # as on the command line: time, series, target, known, horizon
    text: str
    guess: str
    why: str
    known: tuple[str, ...] = ()
    many: bool = False  # names, separated by commas; none at all is an answer


Answer = Callable[[Question], str]
"""Question -> answer; the guess itself without a terminal."""


def take_guess(question: Question) -> str:
    """Return the guess, as `--yes` does."""
    return question.guess


def names_of(text: str) -> tuple[str, ...]:
    """Return the names in a text such as `Store, Dept`."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name: `isHoliday_flag2` -> is, holiday, flag, 2."""
    return tuple(word.lower() for word in _WORD.findall(name))


def is_named(name: str, hints: Collection[str]) -> bool:
    """Return whether a word of the name is a hint, or begins with a hint of four letters or more.

    Long hints may also span words, since people write MarkDown and mark_down.
    """
    parts = words(name)
    text = "".join(parts)
    return any(
        hint in parts or (len(hint) > 3 and any(w.startswith(hint) for w in parts)) or (len(hint) > 6 and hint in text)
        for hint in hints
    )


def is_word(name: str, hints: Collection[str]) -> bool:
    """Return whether a word of the name equals a hint: `week`, but not `weekly`."""
    return any(word in hints for word in words(name))
