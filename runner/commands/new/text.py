"""A draft -> the text of a spec, each guess with its reason beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from runner.commands.new.inspect import Draft, unit
from runner.commands.new.roles import Place
from runner.language.frequency import parse_frequency
from runner.language.inline_yaml import flow

_COMMENTS: Final = 46  # column where comments begin
_WIDTH: Final = 120
_CALENDAR: Final = {
    "day": ("weekday", "month"), "business": ("weekday", "month"), "week": ("week",), "month": ("month",),
    "quarter": ("quarter",),
}  # fmt: skip


def spec_text(draft: Draft, schema: str | None = None) -> str:
    """The spec, commented. `schema` is the path of the JSON Schema for editors, if there is one."""
    blocks = (_head(draft, schema), _data(draft), _forecast(draft), _evaluation(draft), _features(draft),
              _models(draft), _study(draft))  # fmt: skip
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _line(text: str, why: str = "") -> str:
    """A line with its comment; above it where both are too long for one."""
    if not why:
        return text
    line = f"{text:<{_COMMENTS}} # {why}"
    if len(line) <= _WIDTH:
        return line
    indent = " " * (len(text) - len(text.lstrip()))
    return f"{indent}# {why[: _WIDTH - len(indent) - 2]}\n{text}"


def _head(draft: Draft, schema: str | None) -> list[str]:
    facts, many = draft.facts, f"{draft.n_series:,} series" if draft.series else "one series"
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    ahead = f"{draft.task.horizon} {unit(draft.freq)} ahead"
    return [
        *lines,
        f"# Drafted by `run-spec new` from {draft.file}: {facts.rows:,} rows, {many}, {facts.first} to {facts.last}.",
        "# Every comment says why a value was chosen. Guesses are yours to correct: above all the target, and which",
        "# columns are known ahead. `run-spec plan` shows the windows with dates, `run-spec lint` what is unwise.",
        "version: 1",
        f"name: {flow(draft.name)}",
        f"description: {flow(f'{draft.target} of {many}, {ahead}.')}",
    ]


def _data(draft: Draft) -> list[str]:
    clock, lines = draft.clock, ["data:", f"  source: {flow(draft.source)}"]
    why = "with the time, they make every row one of a kind" if draft.series else "every time stands there once"
    lines.append(_line(f"  series: {flow(list(draft.series))}", why))
    lines.append(f"  time: {flow(clock.tree['time'])}")
    if "time_format" in clock.tree:
        other = f"{clock.others[0]} would fit too, on a less even grid: check this" if clock.others else ""
        lines.append(_line(f"  time_format: {flow(clock.tree['time_format'])}", other))
    lines.append(_line(f"  target: {flow(draft.target)}", draft.target_why))
    if draft.freq:
        lines.append(_line(f"  freq: {draft.freq}", "the coarsest grid that every time lies on"))
    lines += _covariates(draft)
    if draft.facts.gaps:
        why = f"{draft.facts.gaps:,} targets are absent between first and last rows; `zero` if that means none"
        lines.append(_line("  gaps: missing", why))
    else:
        lines.append(_line("  gaps: error", "no target is absent today; say so when one is"))
    return lines


def _covariates(draft: Draft) -> list[str]:
    if not draft.roles:
        return []
    lines = [_line("  covariates:", "every other column has exactly one role")]
    places: Sequence[Place] = ("known", "observed", "static", "ignore")
    crowded = sum(one.place == "ignore" for one in draft.roles) > 20
    for place in places:
        found = [one for one in draft.roles if one.place == place]
        if place == "ignore" and crowded:
            lines.append(_line("    rest: ignore", f"the other {len(found)} columns: {found[-1].why}"))
            continue
        lines += _role(place, [(one.name, one.why) for one in found])
    return lines


def _role(place: Place, found: Sequence[tuple[str, str]]) -> list[str]:
    """One line where all have the same reason, else a line each."""
    reasons = list(dict.fromkeys(why for _, why in found))
    if not found:
        return []
    if len(reasons) == 1:
        return [_line(f"    {place}: {flow([name for name, _ in found])}", reasons[0])]
    return [f"    {place}:", *(_line(f"      - {flow(name)}", why) for name, why in found)]


def _forecast(draft: Draft) -> list[str]:
    task = draft.task
    lines = ["forecast:", _line(f"  horizon: {task.horizon}", unit(draft.freq))]
    if task.seasons:
        season = task.seasons[0] if len(task.seasons) == 1 else list(task.seasons)
        why = "steps; the first one forecasts best" if len(task.seasons) > 1 else "steps; the history holds it twice"
        lines.append(_line(f"  season: {flow(season)}", why))
    else:
        untold = "integer time tells no season: weekly data may want 52, monthly 12"
        lines.append(_line("  season: 1", "no season that the history holds twice" if draft.freq else untold))
    return lines


def _evaluation(draft: Draft) -> list[str]:
    task, zeros = draft.task, draft.facts.zeros
    metric, why = ("mae", "the target is negative at times") if draft.facts.negative else ("wape", "errors over totals")
    report = [name for name in ("wape", "mape", "rmse", "mae", "directional_accuracy", "mase") if name != metric]
    if zeros and "mape" in report:
        report.remove("mape")
    lines = [
        "evaluation:",
        _line(f"  metric: {metric}", why),
        _line(f"  report: {flow(report)}", f"no mape: {zeros:.1%} of the targets are zero" if zeros else ""),
        _line(f"  tuning: {{windows: {task.tuning}, step: {task.tuning_step}}}", "all that the search ever sees"),
        _line(f"  test: {{windows: {task.test}, step: {task.test_step}}}", "held back; tuning ends before it begins"),
    ]
    if draft.facts.short > 0.1 * draft.n_series:
        lines.append(_line("  anchor: series_end", f"{draft.facts.short:,} series end early"))
    better = "a season ago says more than the last value" if task.seasonal else "the last value says most"
    lines.append(_line(f"  baseline: {draft.baseline}", f"{better}, in this history"))
    if task.test >= 3:
        lines.append("  compare: {method: diebold_mariano, correction: holm, alpha: 0.05}")
    return lines


def _features(draft: Draft) -> list[str]:
    task, main = draft.task, draft.task.seasons[0] if draft.task.seasons else 1
    reach = max(2, task.steps // 2)
    lags = [lag for lag in dict.fromkeys((1, 2, 3, *sorted(task.seasons))) if lag <= reach and lag < 1000]
    windows = [w for w in dict.fromkeys((4 if main > 12 else 3, main if main > 4 else 12)) if w <= reach]
    rolling = [{"stat": "mean", "window": window} for window in windows]
    lines = ["features:", _line(f"  lags: {flow(lags)}", "steps back from the last known value")]
    if main > 1:
        around = "{around: 1}" if main >= 12 else "{around: 0}"
        lines.append(_line(f"  seasonal_lags: {around}", "the same place in the season before, and its neighbours"))
    lines.append(f"  rolling: {flow(rolling)}")
    parts = _calendar(draft)
    if parts:
        lines.append(f"  calendar: {flow(parts)}")
    if 1 < draft.n_series <= 1000:
        lines.append(_line("  ids: true", "the series as a category"))
    return [*lines, _scaling(draft, main), *_training(draft)]


def _calendar(draft: Draft) -> list[str]:
    if draft.freq is None:
        return []
    frequency = parse_frequency(draft.freq)
    if frequency.kind == "clock":
        return ["hour", "weekday", "month"] if frequency.seconds >= 60 else []
    return list(_CALENDAR.get(frequency.kind, ()))


def _scaling(draft: Draft, main: int) -> str:
    window = min(max(2 * main if main < 30 else main, 12), draft.task.steps)
    if draft.task.seasonal:
        return _line(f"target: {{scale: mean, window: {window}}}", "one model serves series of any size")
    return _line(f"target: {{scale: difference, level: last, window: {window}}}", "changes since the last value")


def _training(draft: Draft) -> Iterator[str]:
    task = draft.task
    origins: dict[str, Any] = {"every": task.every} | ({"last": task.last} if task.last else {})
    parts = ([f"origins: {flow(origins)}"] if origins != {"every": 1} else []) + (
        [f"steps: {{every: {task.every_step}}}"] if task.every_step > 1 else []
    )
    if parts:
        yield _line(f"training: {{{', '.join(parts)}}}", "a part of the rows: nearly the same model, much sooner")


def _models(draft: Draft) -> list[str]:
    simple = list(dict.fromkeys(("naive", draft.baseline, *(["seasonal_naive"] if draft.task.seasons else []))))
    few = draft.n_series * draft.task.steps < 2000
    params = {"objective": "l1"} | ({"min_data_in_leaf": 10} if few else {})
    leaves = [4, 31] if few else [7, 63]
    return [
        "models:",
        *(f"  {name}: {{}}" for name in simple),
        "  lightgbm:",
        _line(f"    params: {flow(params)}", "the median: closer to absolute errors than the mean"),
        "    space:",
        "      learning_rate: {float: [0.02, 0.2], log: true}",
        f"      num_leaves: {flow({'int': leaves, 'log': True})}",
        "      feature_fraction: {float: [0.4, 1.0]}",
        _line(f"  blend: {{of: [lightgbm, {draft.baseline}]}}", "their mean"),
    ]


def _study(draft: Draft) -> list[str]:
    pruner = ["  pruner: {name: median, warmup: 2}"] if draft.task.tuning > 1 else []
    return [
        "study:",
        "  sampler: {name: tpe, seed: 7}",
        *pruner,
        _line("  budget: {trials: 12, time: 5m}", "per model; grow it any time, the run goes on"),
        _line("  generation: 4", "trials asked together"),
    ]
