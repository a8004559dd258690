"""What a draft may ask, and the words that names of columns are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Question:
    """One thing that was guessed. `known` limits the answers where it is not empty."""

    key: str  # as on the command line: time, series, target, known, horizon
    text: str
    guess: str
    why: str
    known: tuple[str, ...] = ()
    many: bool = False  # names, separated by commas; none at all is an answer


Answer = Callable[[Question], str]
"""A question -> its answer; the guess itself where nobody is asked."""


def take_guess(question: Question) -> str:
    """The guess: what `--yes` answers."""
    return question.guess


def names_of(text: str) -> tuple[str, ...]:
    """`Store, Dept` -> the two names."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def words(name: str) -> tuple[str, ...]:
    """`isHoliday_flag2` -> is, holiday, flag, 2."""
    return tuple(word.lower() for word in _WORD.findall(name))


def is_named(name: str, hints: Collection[str]) -> bool:
    """Whether a word of the name is one of the hints, or begins with one of four letters or more.

    Long hints may also stand across words, since people write MarkDown and mark_down.
    """
    parts = words(name)
    whole = "".join(parts)
    return any(
        hint in parts or (len(hint) > 3 and any(w.startswith(hint) for w in parts)) or (len(hint) > 6 and hint in whole)
        for hint in hints
    )


def is_word(name: str, hints: Collection[str]) -> bool:
    """Whether a word of the name is one of the hints: `week`, but not `weekly`."""
    return any(word in hints for word in words(name))
