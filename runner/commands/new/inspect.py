"""Inspect a data file, and guess all that a drafted spec needs, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from runner.commands.new.columns import Column, describe_columns
from runner.commands.new.hints import Answer, Question, names_of
from runner.commands.new.ids import find_ids, series_codes
from runner.commands.new.roles import Assigned, Rows, assign_roles
from runner.commands.new.sniff import Sniffed, sniff
from runner.commands.new.target import find_target
from runner.commands.new.task import Task, plan_task
from runner.commands.new.time_column import TimeColumn, time_columns
from runner.data.grid import show
from runner.data.load import load
from runner.data.split import split
from runner.errors import DataError, Diagnostic, UsageError
from runner.language.frequency import parse_frequency
from runner.language.parse import parse
from runner.language.sections.data import Data
from runner.lint import lint
from runner.values.panel import Panel
from runner.values.section import as_values

_PLAIN_NAMES: Final = ("train", "test", "data", "hour", "day", "dataset", "sales", "input", "export", "all")


@dataclass(frozen=True)
class Facts:
    """Facts of the history, for comments and choices."""

    rows: int
    first: str
    last: str
    gaps: int  # absent targets between the first and the last row of each series
    short: int  # series that end before the last horizon
    negative: bool
    zeros: float  # share of the targets


@dataclass(frozen=True)
class Draft:
    """The content of a drafted spec."""

    name: str
    file: str  # as the spec writes it
    source: dict[str, Any]
    clock: TimeColumn
    series: tuple[str, ...]
    target: str
    target_why: str
    roles: tuple[Assigned, ...]
    task: Task
    facts: Facts
    n_series: int

    @property
    def freq(self) -> str | None:
        """Return the frequency; None for time in whole steps."""
        return self.clock.freq

    @property
    def baseline(self) -> str:
        """Return the simple rule with the smaller error on the history."""
        return "seasonal_naive" if self.task.seasonal else "naive"


def draft(file: Path, written: str, root: Path, answer: Answer) -> Draft:
    """Return the draft of a spec for `file`, which it will call `written`; `answer` confirms each guess.

    Raises DataError when the table is wide, has no time, no target or too little history; UsageError for an invalid
    answer.
    """
    sniffed = sniff(file, written)
    columns = describe_columns(sniffed.table)
    clock, ids = _time_and_series(sniffed, columns, answer)
    series = series_codes([columns[name] for name in ids], len(sniffed.table))
    target, why = _target(columns, (*ids, *clock.names), series, written, answer)
    roles = _roles(columns, Rows(columns[target], ids, series, clock), answer)
    panel = _panel(sniffed, clock, ids, target, root)
    task = _task(panel, answer)
    facts = _facts(panel, len(sniffed.table), task.horizon)
    name = _name(file, target)
    return Draft(name, written, sniffed.source, clock, ids, target, why, roles, task, facts, panel.n_series)


def _time_and_series(
    sniffed: Sniffed, columns: dict[str, Column], answer: Answer
) -> tuple[TimeColumn, tuple[str, ...]]:  # fmt: skip
    candidates = time_columns(sniffed.table, columns)
    if not candidates:
        raise DataError(
            f"{sniffed.table.label}: no column can be read as time; hint: add one, or whole steps in a column such as "
            "`step`"
        )
    clock, ids = _likeliest(candidates, columns)
    guess = ", ".join(clock.names)
    text = answer(Question("time", "Which column is the time?", guess, _clock_why(clock), tuple(columns), many=True))
    if names_of(text) != clock.names:
        first = _first_name(text, columns)
        candidates = [c for c in time_columns(sniffed.table, columns, first) if c.names == names_of(text)]
        if not candidates:
            raise UsageError(f"{sniffed.table.label}: `{text[:60]}` cannot be read as time")
        clock, ids = _likeliest(candidates, columns)
    why = "with the time they identify every row" if ids else "every time occurs once: one series"
    guess = ", ".join(ids or ())
    text = answer(Question("series", "Which columns name a series?", guess, why, tuple(columns), many=True))
    if ids is None and not text:
        raise DataError(
            f"{sniffed.table.label}: several rows have the same time, and no three columns distinguish them; hint: sum "
            "them up, or name the id columns with --series"
        )
    _check_frequency(clock, sniffed.table.label)
    return clock, names_of(text)


def _likeliest(
    candidates: Sequence[TimeColumn], columns: dict[str, Column]
) -> tuple[TimeColumn, tuple[str, ...] | None]:
    """Return the time column that needs the fewest ids and has an even grid, with these ids."""
    with_ids = [(clock, find_ids(columns, clock)) for clock in candidates[:6]]
    return min(
        with_ids,
        key=lambda pair: (pair[1] is None, pair[0].freq is None, _lacks_hours(pair[0], candidates), len(pair[1] or ())),
    )


def _lacks_hours(clock: TimeColumn, candidates: Sequence[TimeColumn]) -> bool:
    """Return whether another candidate has the same date with its hours."""
    return any(other.names[0] == clock.names[0] and len(other.names) > len(clock.names) for other in candidates)


def _first_name(text: str, columns: dict[str, Column]) -> str:
    names = names_of(text)
    if not names or any(name not in columns for name in names):
        raise UsageError(f"there is no column `{text[:60]}`; hint: {', '.join(list(columns)[:20])}")
    return names[0]


def _clock_why(clock: TimeColumn) -> str:
    written = clock.tree.get("time_format")
    return f"written as {written}" if written else "ISO dates" if clock.freq else "whole steps"


def _check_frequency(clock: TimeColumn, label: str) -> None:
    if clock.freq is None and "integer" not in str(clock.tree["time"]):
        raise DataError(
            f"{label}: the times of {', '.join(clock.names)} have no regular frequency (hours, days, weeks, months, "
            "...); hint: aggregate them first, for instance to days"
        )


def _target(
    columns: dict[str, Column], excluded: tuple[str, ...], series: Any, label: str, answer: Answer
) -> tuple[str, str]:
    guess, why, candidates = find_target(columns, excluded, series, label)
    name = answer(Question("target", "Which column is to be forecast?", guess, why, candidates))
    if name not in columns or name in excluded:
        raise UsageError(f"`{name[:60]}` cannot be the target; hint: {', '.join(candidates[:20])}")
    return name, why if name == guess else "your choice"


def _roles(columns: dict[str, Column], rows: Rows, answer: Answer) -> tuple[Assigned, ...]:
    roles = assign_roles(columns, rows)
    names = tuple(role.name for role in roles if role.place in ("known", "observed"))
    if not names:
        return roles
    guess = ", ".join(role.name for role in roles if role.place == "known")
    question = "Which columns are known for the future when the forecast is made?"
    text = answer(Question("known", question, guess, "planned values, never measured ones", names, many=True))
    known = names_of(text)
    if any(name not in names for name in known):
        raise UsageError(f"`{text[:60]}` cannot be known ahead; hint: {', '.join(names[:20])}")
    return tuple(_confirmed(role, known) if role.name in names else role for role in roles)


def _confirmed(role: Assigned, known: Sequence[str]) -> Assigned:
    if (role.place == "known") == (role.name in known):
        return role
    return Assigned(role.name, "known" if role.name in known else "observed", "your choice")


def _panel(sniffed: Sniffed, clock: TimeColumn, ids: tuple[str, ...], target: str, root: Path) -> Panel:
    tree: dict[str, Any] = {"source": sniffed.source, "series": ids, "target": target, "gaps": "missing", **clock.tree}
    tree |= {"freq": clock.freq, "covariates": {"rest": "ignore"}}
    return load(Data.model_validate(as_values(tree)), horizon=1, gap=0, root=root)


def _task(panel: Panel, answer: Answer) -> Task:
    task = plan_task(panel)
    why = f"{task.tuning} + {task.test} such windows fit into {task.steps} steps"
    text = answer(Question("horizon", "How many steps ahead?", str(task.horizon), why))
    if text == str(task.horizon):
        return task
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= 10_000):
        raise UsageError(f"--horizon: `{text[:20]}` is not a number of steps; hint: 1 to 10000")
    return plan_task(panel, int(text))


def _facts(panel: Panel, rows: int, horizon: int) -> Facts:
    steps = np.arange(panel.n_steps)
    inside = (steps >= panel.start[:, None]) & (steps < panel.stop[:, None])  # [N, T]
    targets = panel.y[np.isfinite(panel.y)]
    times = panel.times.astype(np.int64)
    return Facts(
        rows,
        show(int(times[0]), panel.freq),
        show(int(times[panel.n_steps - 1]), panel.freq),
        int((inside & np.isnan(panel.y)).sum()),
        int((panel.stop <= panel.n_steps - horizon).sum()),
        bool((targets < 0).any()),
        float((targets == 0).mean()),
    )


def _name(file: Path, target: str) -> str:
    stem = file.stem if file.stem.lower() not in _PLAIN_NAMES else f"{file.absolute().parent.name}_{file.stem}"
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", f"{stem}_{target}").lower())
    return "_".join(dict.fromkeys(words))[:100] or "draft"


def unit(freq: str | None) -> str:
    """Return what a step is called: hours, days, weeks, steps."""
    if freq is None:
        return "steps"
    frequency = parse_frequency(freq)
    names = {"day": "days", "business": "business days", "week": "weeks", "month": "months", "quarter": "quarters"}
    name = names.get(frequency.kind, "years" if frequency.kind == "year" else f"steps of {freq}")
    if frequency.kind == "clock" and frequency.multiple == 1:
        return {"h": "hours", "min": "minutes", "s": "seconds"}[frequency.alias]
    return name if frequency.multiple == 1 else f"steps of {freq}"


def check_draft(path: Path) -> tuple[Diagnostic, ...]:
    """Return the problems of a written draft. Raises DataError when a valid spec does not fit its data."""
    problems = lint(path)
    if not any(problem.severity == "error" for problem in problems):
        document = parse(path)
        forecast = document.spec.forecast
        panel = load(document.spec.data, horizon=forecast.horizon, gap=forecast.gap, root=document.root)
        split(panel, document.spec)
    return problems
