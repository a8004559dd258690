"""The whole of a draft: a file -> everything that was found in it, each guess with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from runner.commands.new.columns import Column, look_at
from runner.commands.new.hints import Answer, Question, names_of
from runner.commands.new.ids import find_ids, group
from runner.commands.new.roles import Assigned, Rows, assign
from runner.commands.new.sniff import Sniffed, sniff
from runner.commands.new.target import find_target
from runner.commands.new.task import Task, plan_task
from runner.commands.new.time_column import Clock, clocks
from runner.data.grid import show
from runner.data.load import load
from runner.errors import DataError, UsageError
from runner.language.frequency import parse_frequency
from runner.language.sections.data import Data
from runner.values.panel import Panel
from runner.values.section import as_values

_PLAIN_NAMES: Final = ("train", "test", "data", "hour", "day", "dataset", "sales", "input", "export", "all")


@dataclass(frozen=True)
class Facts:
    """What the history shows, for comments and for choices."""

    rows: int
    first: str
    last: str
    gaps: int  # absent targets between the first and the last row of each series
    short: int  # series that end before the last horizon
    negative: bool
    zeros: float  # share of the targets


@dataclass(frozen=True)
class Draft:
    """Everything that a drafted spec says."""

    name: str
    file: str  # as the spec writes it
    source: dict[str, Any]
    clock: Clock
    series: tuple[str, ...]
    target: str
    target_why: str
    roles: tuple[Assigned, ...]
    task: Task
    facts: Facts
    n_series: int

    @property
    def freq(self) -> str | None:
        return self.clock.freq

    @property
    def baseline(self) -> str:
        """The simple forecast that is hardest to beat here."""
        return "seasonal_naive" if self.task.seasonal else "naive"


def draft(file: Path, written: str, root: Path, answer: Answer) -> Draft:
    """The draft of a spec for `file`, which it will call `written`; `answer` confirms or corrects each guess.

    Raises DataError when the table is wide, has no time, no target or too little history; UsageError for an answer
    that cannot be.
    """
    sniffed = sniff(file, written)
    columns = look_at(sniffed.table)
    clock, ids = _time_and_series(sniffed, columns, answer)
    series = group([columns[name] for name in ids], len(sniffed.table))
    target, why = _target(columns, (*ids, *clock.names), series, written, answer)
    roles = _roles(columns, Rows(columns[target], ids, series, clock), answer)
    panel = _panel(sniffed, clock, ids, target, root)
    task = _task(panel, answer)
    facts = _facts(panel, len(sniffed.table), task.horizon)
    name = _name(file, target)
    return Draft(name, written, sniffed.source, clock, ids, target, why, roles, task, facts, panel.n_series)


def _time_and_series(
    sniffed: Sniffed, columns: dict[str, Column], answer: Answer
) -> tuple[Clock, tuple[str, ...]]:  # fmt: skip
    found = clocks(sniffed.table, columns)
    if not found:
        raise DataError(
            f"{sniffed.table.label}: no column can be read as time; a spec needs one, or whole steps in a column "
            "such as `step`"
        )
    clock, ids = _likeliest(found, columns)
    guess = ", ".join(clock.names)
    told = answer(Question("time", "Which column is the time?", guess, _clock_why(clock), tuple(columns), many=True))
    if names_of(told) != clock.names:
        again = [c for c in clocks(sniffed.table, columns, _one(told, columns)) if c.names == names_of(told)]
        if not again:
            raise UsageError(f"{sniffed.table.label}: `{told[:60]}` cannot be read as time")
        clock, ids = _likeliest(again, columns)
    why = "with the time they make every row one of a kind" if ids else "every time stands there once: one series"
    guess = ", ".join(ids or ())
    told = answer(Question("series", "Which columns name a series?", guess, why, tuple(columns), many=True))
    if ids is None and not told:
        raise DataError(
            f"{sniffed.table.label}: rows share a time and no few columns tell them apart; sum them up, or name the "
            "id columns with --series"
        )
    _check_frequency(clock, sniffed.table.label)
    return clock, names_of(told)


def _likeliest(found: Sequence[Clock], columns: dict[str, Column]) -> tuple[Clock, tuple[str, ...] | None]:
    """The first clock that needs few ids and lies on an even grid."""
    with_ids = [(clock, find_ids(columns, clock)) for clock in found[:6]]
    return min(
        with_ids,
        key=lambda pair: (pair[1] is None, pair[0].freq is None, _hours_missing(pair[0], found), len(pair[1] or ())),
    )


def _hours_missing(clock: Clock, found: Sequence[Clock]) -> bool:
    """Whether another clock is this one with its hours."""
    return any(other.names[0] == clock.names[0] and len(other.names) > len(clock.names) for other in found)


def _one(told: str, columns: dict[str, Column]) -> str:
    names = names_of(told)
    if not names or any(name not in columns for name in names):
        raise UsageError(f"there is no column `{told[:60]}`; there are {', '.join(list(columns)[:20])}")
    return names[0]


def _clock_why(clock: Clock) -> str:
    written = clock.tree.get("time_format")
    return f"written as {written}" if written else "ISO dates" if clock.freq else "whole steps"


def _check_frequency(clock: Clock, label: str) -> None:
    if clock.freq is None and "integer" not in str(clock.tree["time"]):
        raise DataError(
            f"{label}: the times of {', '.join(clock.names)} lie on no usual grid (hours, days, weeks, months ...); "
            "bring them to one first, for instance by summing up to days"
        )


def _target(
    columns: dict[str, Column], taken: tuple[str, ...], series: Any, label: str, answer: Answer
) -> tuple[str, str]:
    guess, why, known = find_target(columns, taken, series, label)
    told = answer(Question("target", "Which column is to be forecast?", guess, why, known))
    if told not in columns or told in taken:
        raise UsageError(f"`{told[:60]}` cannot be the target; there are {', '.join(known[:20])}")
    return told, why if told == guess else "as you said"


def _roles(columns: dict[str, Column], rows: Rows, answer: Answer) -> tuple[Assigned, ...]:
    guessed = assign(columns, rows)
    names = tuple(one.name for one in guessed if one.place in ("known", "observed"))
    if not names:
        return guessed
    known = ", ".join(one.name for one in guessed if one.place == "known")
    text = "Which columns are known for the future when the forecast is made?"
    told = answer(Question("known", text, known, "planned things, never measured ones", names, many=True))
    chosen = names_of(told)
    if any(name not in names for name in chosen):
        raise UsageError(f"`{told[:60]}` are not among the columns that can be known ahead: {', '.join(names[:20])}")
    return tuple(_confirmed(one, chosen) if one.name in names else one for one in guessed)


def _confirmed(one: Assigned, known: Sequence[str]) -> Assigned:
    if (one.place == "known") == (one.name in known):
        return one
    return Assigned(one.name, "known" if one.name in known else "observed", "as you said")


def _panel(sniffed: Sniffed, clock: Clock, ids: tuple[str, ...], target: str, root: Path) -> Panel:
    tree: dict[str, Any] = {"source": sniffed.source, "series": ids, "target": target, "gaps": "missing", **clock.tree}
    tree |= {"freq": clock.freq, "covariates": {"rest": "ignore"}}
    return load(Data.model_validate(as_values(tree)), horizon=1, gap=0, root=root)


def _task(panel: Panel, answer: Answer) -> Task:
    task = plan_task(panel)
    why = f"{task.tuning} + {task.test} windows of it fit into {task.steps} steps"
    told = answer(Question("horizon", "How many steps ahead?", str(task.horizon), why))
    if told == str(task.horizon):
        return task
    if not (told.isascii() and told.isdecimal() and 0 < int(told[:6]) <= 10_000):
        raise UsageError(f"`{told[:20]}` is not a number of steps from 1 to 10000")
    return plan_task(panel, int(told))


def _facts(panel: Panel, rows: int, horizon: int) -> Facts:
    steps = np.arange(panel.n_steps)
    inside = (steps >= panel.start[:, None]) & (steps < panel.stop[:, None])  # [N, T]
    seen = panel.y[np.isfinite(panel.y)]
    times = panel.times.astype(np.int64)
    return Facts(
        rows,
        show(int(times[0]), panel.freq),
        show(int(times[panel.n_steps - 1]), panel.freq),
        int((inside & np.isnan(panel.y)).sum()),
        int((panel.stop <= panel.n_steps - horizon).sum()),
        bool((seen < 0).any()),
        float((seen == 0).mean()),
    )


def _name(file: Path, target: str) -> str:
    stem = file.stem if file.stem.lower() not in _PLAIN_NAMES else f"{file.absolute().parent.name}_{file.stem}"
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", f"{stem}_{target}").lower())
    return "_".join(dict.fromkeys(words))[:100] or "draft"


def unit(freq: str | None) -> str:
    """What a step is called: hours, days, weeks, steps."""
    if freq is None:
        return "steps"
    frequency = parse_frequency(freq)
    names = {"day": "days", "business": "business days", "week": "weeks", "month": "months", "quarter": "quarters"}
    usual = names.get(frequency.kind, "years" if frequency.kind == "year" else f"steps of {freq}")
    if frequency.kind == "clock" and frequency.multiple == 1:
        return {"h": "hours", "min": "minutes", "s": "seconds"}[frequency.alias]
    return usual if frequency.multiple == 1 else f"steps of {freq}"
