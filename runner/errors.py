"""Define every error that ends in a sentence for the user, and its exit code.

    RunSpecError            5   infrastructure, unless a child says otherwise
    ├── SpecError           1   the spec is wrong: carries every diagnostic at once
    ├── PluginError         1   a plug-in is broken, or its name is taken
    ├── DataError           1   the data is wrong: one line with file, column, row, value and hint
    ├── UsageError          2   the command line is wrong
    ├── StoreError          5   disk, permissions, a store that cannot be opened
    ├── BusyError          75   another run of this name is active
    └── Interrupted   130/143   a signal; the same command resumes

`main` catches RunSpecError and nothing else. A diagnostic is a value; `runner.lint` renders it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, order=True)
class Span:
    """A range in a text: 1-based line and column of its first character and of the one after its last."""

    line: int
    col: int
    end_line: int
    end_col: int


@dataclass(frozen=True)
class Edit:
    """A text that replaces a span."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One problem with an address. `path` is the dotted path in the spec, "" when there is none.

    `fix` repairs it in the same file without changing the meaning of the spec; empty when no repair is certain.
    """

    code: str
    message: str
    file: str
    span: Span
    path: str = ""
    help: str = ""
    severity: Severity = "error"
    fix: tuple[Edit, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.span.line}:{self.span.col}: {self.code} {self.sentence}"

    @property
    def sentence(self) -> str:
        """The path, what is wrong, and a hint on what to type."""
        subject = f"{self.path}: " if self.path else ""
        hint = f"; hint: {self.help}" if self.help else ""
        return f"{subject}{self.message}{hint}"


def closest(word: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the name that is most like a mistyped word; None when none is similar enough."""
    if len(word) > 100:  # the comparison takes quadratic time, and no name is that long
        return None
    return next(iter(difflib.get_close_matches(word, list(names), n=1, cutoff=cutoff)), None)


def did_you_mean(word: str, names: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the question that names the closest name; "" when there is none."""
    name = closest(word, names, cutoff)
    return f"did you mean `{name}`?" if name else ""


class RunSpecError(Exception):
    """Base of all errors that are shown as a sentence instead of a traceback."""

    exit_code: ClassVar[int] = 5


class SpecError(RunSpecError):
    """The spec is wrong. `diagnostics` has every problem in reading order."""

    exit_code = 1

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class PluginError(RunSpecError):
    """A plug-in cannot be used."""

    exit_code = 1


class DataCode(StrEnum):
    """The lint rule that an error of the data belongs to."""

    UNKNOWN_COLUMN = "FS101"
    DUPLICATE_ROW = "FS102"
    OFF_GRID = "FS103"
    GAP = "FS104"
    BAD_TARGET = "FS105"
    TWO_ROLES = "FS107"
    NO_ROLE = "FS108"
    STATIC_VARIES = "FS109"
    UNREADABLE = "FS111"
    TOO_SHORT = "FS301"


class DataError(RunSpecError):
    """The data are wrong, or do not fit the spec. The message names the place and what to change.

    `key` is the dotted key of the spec that it is about, `row` the line of the file (`17`, or `row 17` of a columnar
    one). A field is empty where there is nothing to name.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        code: DataCode = DataCode.UNREADABLE,
        key: str = "",
        column: str = "",
        file: str = "",
        row: str = "",
        value: str = "",
    ) -> None:
        self.code, self.key, self.column = code, key, column
        self.file, self.row, self.value = file, row, value
        super().__init__(message)


class UsageError(RunSpecError):
    """The command line is wrong."""

    exit_code = 2


class StoreError(RunSpecError):
    """The disk or a store failed; finished work is intact."""


class BusyError(RunSpecError):
    """Another process is running an experiment of this name."""

    exit_code = 75


class Interrupted(RunSpecError):
    """A signal ended the run. `signal` is its number; the same command resumes."""

    def __init__(self, signal: int) -> None:
        self.signal = signal
        super().__init__("interrupted; the same command resumes")

    @property
    def code(self) -> int:
        return 128 + self.signal
