"""The closed list of frequencies: pandas offset aliases, with the season each usually has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from runner.errors import closest

_SHAPE: Final = re.compile(r"(?P<multiple>[1-9]\d{0,4})?(?P<alias>[A-Za-z]+(-[A-Z]{3})?)", re.ASCII)
_OLD: Final = {
    "H": "h",
    "T": "min",
    "S": "s",
    "M": "ME",
    "Q": "QE",
    "A": "YE",
    "Y": "YE",
    "AS": "YS",
    "d": "D",
    "w": "W",
}


class FrequencyError(ValueError):
    """Not a frequency of the closed list. `help` names the nearest."""

    def __init__(self, message: str, help: str) -> None:
        self.help = help
        super().__init__(message)


@dataclass(frozen=True)
class Frequency:
    """The distance between two steps: `multiple` times the alias."""

    alias: str
    multiple: int
    kind: str  # "clock": a fixed number of seconds; "day", "business", "week", "month", "quarter", "year": by calendar
    seconds: float  # of one step; an average where the calendar makes it vary
    season: int  # the usual one, in steps; 1 where there is none

    def __str__(self) -> str:
        return self.alias if self.multiple == 1 else f"{self.multiple}{self.alias}"


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    text = files("runner.language").joinpath("tables").joinpath("frequencies.json").read_text(encoding="utf-8")
    aliases: Mapping[str, Mapping[str, Any]] = json.loads(text)
    return aliases


def aliases() -> tuple[str, ...]:
    """Return every alias of the list, without multiples."""
    return tuple(_table())


def parse_frequency(text: str) -> Frequency:
    """Return the frequency of `W-FRI`, `D`, `4h` or `15min`. Raises FrequencyError for anything else."""
    match = _SHAPE.fullmatch(text)
    alias = match["alias"] if match else ""
    if match is None or alias not in _table():
        raise FrequencyError(
            f"`{text[:40]}` is not a frequency of the list", _advice(alias or text.lstrip("-+.0123456789"))
        )
    entry, multiple = _table()[alias], int(match["multiple"] or 1)
    if multiple > 1 and not entry["multiples"]:
        raise FrequencyError(f"`{alias}` takes no multiple", f"write `{alias}`, or count in another unit")
    return Frequency(alias, multiple, entry["kind"], entry["seconds"] * multiple, _season(entry, multiple))


def season_of(freq: str | None) -> int:
    """Return the usual season in steps: 52 for weeks, 96 for `15min`, 1 for integer time (None)."""
    return 1 if freq is None else parse_frequency(freq).season


def main_season(declared: int | Sequence[int] | None, freq: str | None) -> int:
    """Return the first declared season in steps, else the usual one of the frequency."""
    if declared is None:
        return season_of(freq)
    return declared if isinstance(declared, int) else declared[0]


def _season(entry: Mapping[str, Any], multiple: int) -> int:
    season: int = entry["season"]
    # A season that is no whole number of steps (`5h` in a day) cannot be a lag.
    return season // multiple if season % multiple == 0 else 1


def _advice(alias: str) -> str:
    name = _OLD.get(alias) or next((other for other in aliases() if other.lower() == alias.lower()), None)
    if name is None:
        name = closest(alias, aliases(), 0.5)
    return (
        f"did you mean `{name}`?" if name else "write `h`, `D`, `W-SUN`, `MS`, `QS`, `YS`, or a multiple such as `4h`"
    )
