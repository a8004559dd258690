"""The plan in words and as a document: what cibuildwheel prints before it builds anything."""

from __future__ import annotations

from typing import Any

import numpy as np

from runner.data.split import Window
from runner.data.times import time_names
from runner.results.document import WindowRow
from runner.run.plan import Plan, estimate_seconds
from runner.values.panel import Panel


def plan_text(plan: Plan, workers: int) -> tuple[str, ...]:
    """A line for the data, the windows of each part, and the work."""
    panel, spec = plan.setup.panel, plan.spec
    observed = int(np.isfinite(panel.y).sum())
    lines = [
        f"data      {panel.n_series:,} series, {panel.n_steps:,} steps of {panel.freq or 'integer time'}, "
        f"{_time(panel, 0)} to {_time(panel, panel.n_steps - 1)}, {observed:,} observations",
        f"forecast  {spec.forecast.horizon} steps ahead"
        + (f" after a gap of {spec.forecast.gap}" if spec.forecast.gap else "")
        + f", season {plan.setup.season}, tuned and ranked by {plan.setup.metric.name}",
    ]
    lines += [_window_line(row) for row in window_rows(plan)]
    lines.append(f"models    {', '.join(_member_words(plan, i) for i in range(len(plan.members)))}")
    lines.append(
        f"work      at most {plan.fits:,} fits of trained models, {workers} at a time, "
        f"roughly {_duration(estimate_seconds(plan) / workers)}"
    )
    return tuple(lines)


def _duration(seconds: float) -> str:
    """To one digit, because the estimate has no more."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1g} {unit}" if seconds < 10 * size else f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"


def window_rows(plan: Plan) -> tuple[WindowRow, ...]:
    """Every window with its dates."""
    windows = (*plan.setup.windows.tuning, *plan.setup.windows.test)
    return tuple(_window_row(plan.setup.panel, window) for window in windows)


def series_throughout(plan: Plan) -> int:
    """How many series have a cell that counts in every test window."""
    scored = [window.cells.any(axis=1) for window in plan.setup.windows.test]  # W times [N]
    return int(np.logical_and.reduce(scored).sum())


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as JSON."""
    return {
        "name": plan.spec.name,
        "season": plan.setup.season,
        "metrics": [metric.name for metric in plan.setup.metrics],
        "windows": [row.model_dump(mode="json") for row in window_rows(plan)],
        "models": [{"name": m.name, "kind": m.kind, "trials": plan.trials(m), "of": list(m.of)} for m in plan.members],
        "fits": plan.fits,
        "n_series": plan.setup.panel.n_series,
        "n_steps": plan.setup.panel.n_steps,
        "n_observations": int(np.isfinite(plan.setup.panel.y).sum()),
        "columns": _columns(plan),
    }


def _columns(plan: Plan) -> list[dict[str, str]]:
    """The columns that are used, as they were read: name, role and type, in the words of MLflow's schemas."""
    panel, data = plan.setup.panel, plan.spec.data
    times = time_names(data)
    moment = "long" if panel.freq is None else "datetime" if len(times) == 1 else "string"
    found = [(name, "series", "string") for name in panel.id_columns]
    found += [(name, "time", moment) for name in times]
    found += [(data.target, "target", "double")]
    found += [(c.name, c.role, "string" if c.categories else "double") for c in panel.covariates]
    return [{"name": name, "role": role, "type": kind} for name, role, kind in found]


def _window_row(panel: Panel, window: Window) -> WindowRow:
    counted = window.cutoff[window.cells.any(axis=1)]
    cutoffs = counted if len(counted) else window.cutoff
    return WindowRow(
        name=window.name,
        first_cutoff=_time(panel, int(cutoffs.min()) - 1),
        last_cutoff=_time(panel, int(cutoffs.max()) - 1),
        horizon=window.horizon,
        n_cells=int(window.cells.sum()),
        n_series=int(window.cells.any(axis=1).sum()),
    )


def _window_line(row: WindowRow) -> str:
    cutoff = row.first_cutoff if row.first_cutoff == row.last_cutoff else f"{row.first_cutoff} to {row.last_cutoff}"
    return f"{row.name:<9} known until {cutoff}, {row.horizon} steps, {row.n_cells:,} cells count"


def _member_words(plan: Plan, position: int) -> str:
    member = plan.members[position]
    trials = plan.trials(member)
    return f"{member.name} ({trials} trial{'s' if trials != 1 else ''})" if trials else member.name


def _time(panel: Panel, position: int) -> str:
    moment = panel.times[max(position, 0)]
    if not isinstance(moment, np.datetime64):
        return str(moment)
    text = str(moment.astype("datetime64[m]")).replace("T", " ")
    return text.removesuffix(" 00:00") if _whole_days(panel) else text


def _whole_days(panel: Panel) -> bool:
    """Whether every step begins at midnight, so that its date says all."""
    return bool((panel.times == panel.times.astype("datetime64[D]")).all())
