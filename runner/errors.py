"""Everything a user can be told is wrong, and the exit code that goes with it.

    RunSpecError            5   infrastructure, unless a child says otherwise
    ├── SpecError           1   the spec is at fault: carries every diagnostic at once
    ├── PluginError         1   a plug-in is broken, or its name is taken
    ├── DataError           1   the data is at fault: one line with file, column, row, value and hint
    ├── UsageError          2   the command line is at fault
    ├── StoreError          5   disk, permissions, a store that cannot be opened
    ├── BusyError          75   another run of this name is going on
    └── Interrupted   130/143   a signal; the same command resumes

`main` catches RunSpecError and nothing else. A diagnostic is a value; `runner.lint` renders it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, order=True)
class Span:
    """A place in a text: 1-based line and column of the first character, and of the one after the last."""

    line: int
    col: int
    end_line: int
    end_col: int


@dataclass(frozen=True)
class Edit:
    """A text to write in place of what stands at a span."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One problem with an address. `path` is the dotted path in the spec, empty when there is none.

    `fix` mends it, in the same file, without changing what the spec was meant to say; empty when nothing is so sure.
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
        where = f"{self.file}:{self.span.line}:{self.span.col}"
        subject = f" {self.path}:" if self.path else ""
        advice = f"; {self.help}" if self.help else ""
        return f"{where}: {self.code}{subject} {self.message}{advice}"


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
    """Base of all errors that end in a sentence instead of a traceback."""

    exit_code: ClassVar[int] = 5


class SpecError(RunSpecError):
    """The spec is at fault. `diagnostics` holds every problem found, in reading order."""

    exit_code = 1

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class PluginError(RunSpecError):
    """A plug-in cannot be used."""

    exit_code = 1


class DataError(RunSpecError):
    """The data is at fault. The message names file, column, row and value, and the key that mends it."""

    exit_code = 1


class UsageError(RunSpecError):
    """The command line is at fault."""

    exit_code = 2


class StoreError(RunSpecError):
    """The disk or a store is at fault; what was finished is intact."""


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
