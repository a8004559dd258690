"""Plain scalars as YAML 1.2 reads them (core schema), and the look-alikes that people trip over."""

from __future__ import annotations

import math
import re
from typing import Final

from runner.values.section import Scalar

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OLD_BOOLEAN: Final = {"yes": True, "on": True, "y": True, "no": False, "off": False, "n": False}
_INTEGER: Final = re.compile(r"[-+]?\d+", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?", re.ASCII)
_INFINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_LEADING_ZERO: Final = re.compile(r"[-+]?0\d[\d_]*(\.\d*)?([eE][-+]?\d+)?", re.ASCII)
_OTHER_BASE: Final = re.compile(r"[-+]?0(o[0-7]+|x[0-9a-fA-F]+|b[01]+)", re.ASCII)
_SEXAGESIMAL: Final = re.compile(r"[-+]?\d+(:[0-5]?\d)+(\.\d*)?", re.ASCII)
_LARGEST: Final = 2**63
LONGEST_NUMBER: Final = 400


class ScalarError(ValueError):
    """A plain scalar that is refused. `code` is FS004 for look-alikes and FS011 for numbers that are not finite."""

    def __init__(self, code: str, message: str, help: str) -> None:
        self.code, self.help = code, help
        super().__init__(message)


def resolve(text: str) -> Scalar | None:
    """Return the value of an unquoted scalar. Raises ScalarError for leading zeros, other bases, and inf or nan."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if not text[0].isdigit() and text[0] not in "+-.":
        return text
    return _number(text)


def _number(text: str) -> Scalar:
    if _LEADING_ZERO.fullmatch(text):
        help = "quote it when it is text, drop the zeros when it is a number"
        raise ScalarError("FS004", f"`{shorten(text)}` begins with a zero and is read in different ways", help)
    if _OTHER_BASE.fullmatch(text):
        raise ScalarError("FS004", f"`{shorten(text)}` is not a decimal number", "write it in decimal, or quote it")
    if _INFINITE.fullmatch(text):
        raise ScalarError("FS011", f"`{text}` is not a finite number", "leave the key out where there is no limit")
    if _FLOAT.fullmatch(text) is None:
        return text
    if len(text) > LONGEST_NUMBER:
        raise ScalarError("FS011", f"a number of {len(text)} digits", "use at most 17 digits")
    return _whole(text) if _INTEGER.fullmatch(text) else _real(text)


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) >= _LARGEST:
        raise ScalarError("FS011", f"`{shorten(text)}` does not fit into 64 bits", "use a smaller number")
    return number


def _real(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ScalarError("FS011", f"`{shorten(text)}` is not a finite number", "use a smaller number")
    return number


def look_alike(text: str) -> Scalar | None:
    """Return the value that text resembles: a YAML 1.1 boolean, a number in quotes; None for ordinary text."""
    if text.lower() in _OLD_BOOLEAN:
        return _OLD_BOOLEAN[text.lower()]
    try:
        value = resolve(text)
    except ScalarError:
        return None
    return None if isinstance(value, str) else value


def is_sexagesimal(text: str) -> bool:
    """Return whether YAML 1.1 would have read `1:30` as ninety."""
    return _SEXAGESIMAL.fullmatch(text) is not None


def shorten(text: str, length: int = 60) -> str:
    """Return the text on one line, at most `length` long, without terminal control characters."""
    line = " ".join(text[: length * 4].split())
    line = "".join(character if character.isprintable() else "\ufffd" for character in line)
    return line if len(line) <= length else f"{line[: length - 1]}…"
