"""Which advice is given, and how much it weighs: `[tool.run-spec.lint]` of pyproject.toml, and the command line.

A rule is named by its code or by the beginning of it: `FS4` is all of FS401, FS402 and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, get_args

from runner.errors import Diagnostic, Severity, UsageError
from runner.language.project import settings
from runner.lint.registry import RULES

EVERYTHING: Final = "FS"
_KEYS: Final = ("select", "ignore", "severity")


@dataclass(frozen=True)
class Policy:
    """Which advice is given. Errors that make a spec invalid are always reported."""

    select: tuple[str, ...] = (EVERYTHING,)
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    strict: bool = False

    def applies(self, code: str) -> bool:
        """Return whether a rule is enabled: its longest selector decides, `ignore` first."""
        return _longest(code, self.select) > _longest(code, self.ignore)

    def weighed(self, diagnostic: Diagnostic) -> Diagnostic:
        """Return the diagnostic with its severity under this policy."""
        fitting = [prefix for prefix in self.severity if diagnostic.code.startswith(prefix)]
        severity = self.severity[max(fitting, key=len)] if fitting else diagnostic.severity
        if self.strict and severity == "warning":
            severity = "error"
        return replace(diagnostic, severity=severity)

    def narrowed(self, select: Sequence[str], ignore: Sequence[str], *, strict: bool) -> Policy:
        """Return the policy with `select` replaced and `ignore` extended. Raises UsageError for an unknown code."""
        _check((*select, *ignore), "")
        return replace(self, select=tuple(select) or self.select, ignore=(*self.ignore, *ignore), strict=strict)


def read_policy(root: Path) -> Policy:
    """Return the policy of a project. Raises UsageError for a malformed table."""
    table = settings(root).get("lint", {})
    address = f"{root / 'pyproject.toml'}: [tool.run-spec.lint]"
    if not isinstance(table, dict):
        raise UsageError(f"{address} must be a table")
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"{address} has no key `{key}`; known are {', '.join(_KEYS)}")
    select, ignore = (_codes(table.get(key, []), f"{address} {key}") for key in ("select", "ignore"))
    return Policy(select or (EVERYTHING,), ignore, _severities(table.get("severity", {}), f"{address} severity"))


def _codes(value: Any, address: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        raise UsageError(f"{address} must be a list of codes such as FS304, or FS3 for all that begin so")
    _check(value, f"{address}: ")
    return tuple(value)


def _severities(value: Any, address: str) -> dict[str, Severity]:
    severities = get_args(Severity)
    if not isinstance(value, dict) or not all(severity in severities for severity in value.values()):
        raise UsageError(f'{address} must give codes one of {", ".join(severities)}, such as FS304 = "error"')
    _check(value, f"{address}: ")
    return dict(value)


def _check(codes: Iterable[str], address: str) -> None:
    for code in codes:
        if not code.startswith(EVERYTHING) or not any(rule.startswith(code) for rule in RULES):
            raise UsageError(f"{address}no rule has the code {code!r} or begins so; `run-spec lint --rules` has them")


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=0)
