"""Write a draft as the text of a spec, with the reason of each guess as a comment."""

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
    """Return the commented spec. `schema` is the path of the JSON Schema for editors, if there is one."""
    blocks = (_head(draft, schema), _data(draft), _forecast(draft), _evaluation(draft), _features(draft),
              _models(draft), _study(draft))  # fmt: skip
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _line(text: str, why: str = "") -> str:
    """Return a line with its comment, which goes above the line when both are too long."""
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
        "# Every comment says why a value was chosen. Check the guesses, above all the target, and which columns are",
        "# known ahead. `run-spec plan` shows the windows with dates, `run-spec lint` doubtful settings.",
        "version: 1",
        f"name: {flow(draft.name)}",
        f"description: {flow(f'{draft.target} of {many}, {ahead}.')}",
    ]


def _data(draft: Draft) -> list[str]:
    clock, lines = draft.clock, ["data:", f"  source: {flow(draft.source)}"]
    why = "with the time they identify every row" if draft.series else "every time occurs once"
    lines.append(_line(f"  series: {flow(list(draft.series))}", why))
    lines.append(f"  time: {flow(clock.tree['time'])}")
    if "time_format" in clock.tree:
        other = f"{clock.others[0]} fits too, but less evenly: check this" if clock.others else ""
        lines.append(_line(f"  time_format: {flow(clock.tree['time_format'])}", other))
    lines.append(_line(f"  target: {flow(draft.target)}", draft.target_why))
    if draft.freq:
        lines.append(_line(f"  freq: {draft.freq}", "the coarsest frequency that fits every time"))
    lines += _covariates(draft)
    if draft.facts.gaps:
        why = f"{draft.facts.gaps:,} targets are absent between first and last rows; `zero` if that means none"
        lines.append(_line("  gaps: missing", why))
    else:
        lines.append(_line("  gaps: error", "no target is absent today; change this when one is"))
    return lines


def _covariates(draft: Draft) -> list[str]:
    if not draft.roles:
        return []
    lines = [_line("  covariates:", "every other column has exactly one role")]
    places: Sequence[Place] = ("known", "observed", "static", "ignore")
    many_ignored = sum(role.place == "ignore" for role in draft.roles) > 20
    for place in places:
        roles = [role for role in draft.roles if role.place == place]
        if place == "ignore" and many_ignored:
            lines.append(_line("    rest: ignore", f"the other {len(roles)} columns: {roles[-1].why}"))
            continue
        lines += _role(place, [(role.name, role.why) for role in roles])
    return lines


def _role(place: Place, columns: Sequence[tuple[str, str]]) -> list[str]:
    """Return one line where all columns have the same reason, else one for each column."""
    reasons = list(dict.fromkeys(why for _, why in columns))
    if not columns:
        return []
    if len(reasons) == 1:
        return [_line(f"    {place}: {flow([name for name, _ in columns])}", reasons[0])]
    return [f"    {place}:", *(_line(f"      - {flow(name)}", why) for name, why in columns)]


def _forecast(draft: Draft) -> list[str]:
    task = draft.task
    lines = ["forecast:", _line(f"  horizon: {task.horizon}", unit(draft.freq))]
    if task.seasons:
        season = task.seasons[0] if len(task.seasons) == 1 else list(task.seasons)
        why = "steps; the first one forecasts best" if len(task.seasons) > 1 else "steps; the history contains it twice"
        lines.append(_line(f"  season: {flow(season)}", why))
    else:
        unknown = "integer time has no calendar: weekly data may want 52, monthly 12"
        lines.append(_line("  season: 1", "no season that the history contains twice" if draft.freq else unknown))
    return lines


def _evaluation(draft: Draft) -> list[str]:
    task, zeros = draft.task, draft.facts.zeros
    metric, why = ("mae", "some targets are negative") if draft.facts.negative else ("wape", "errors over values")
    report = [name for name in ("wape", "mape", "rmse", "mae", "directional_accuracy", "mase") if name != metric]
    if zeros and "mape" in report:
        report.remove("mape")
    lines = [
        "evaluation:",
        _line(f"  metric: {metric}", why),
        _line(f"  report: {flow(report)}", f"no mape: {zeros:.1%} of the targets are zero" if zeros else ""),
        _line(f"  tuning: {{windows: {task.tuning}, step: {task.tuning_step}}}", "the search sees only these"),
        _line(f"  test: {{windows: {task.test}, step: {task.test_step}}}", "never seen by the search"),
    ]
    if draft.facts.short > 0.1 * draft.n_series:
        lines.append(_line("  anchor: series_end", f"{draft.facts.short:,} series end early"))
    better = "the value a season ago is closer" if task.seasonal else "the last value is closest"
    lines.append(_line(f"  baseline: {draft.baseline}", f"{better} in this history"))
    if task.test >= 3:
        lines.append("  compare: {method: diebold_mariano, correction: holm, alpha: 0.05}")
    return lines


def _features(draft: Draft) -> list[str]:
    task, main = draft.task, draft.task.seasons[0] if draft.task.seasons else 1
    reach = max(2, task.steps // 2)
    lags = [lag for lag in dict.fromkeys((1, 2, 3, *sorted(task.seasons))) if lag <= reach and lag < 1000]
    windows = [w for w in dict.fromkeys((4 if main > 12 else 3, main if main > 4 else 12)) if w <= reach]
    rolling = [{"stat": "mean", "window": window} for window in windows]
    lines = ["features:", _line(f"  lags: {flow(lags)}", "steps before the origin")]
    if main > 1:
        around = "{around: 1}" if main >= 12 else "{around: 0}"
        lines.append(_line(f"  seasonal_lags: {around}", "the same step one season earlier, and its neighbors"))
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
        yield _line(f"training: {{{', '.join(parts)}}}", "a part of the rows: nearly the same model, much faster")


def _models(draft: Draft) -> list[str]:
    simple = list(dict.fromkeys(("naive", draft.baseline, *(["seasonal_naive"] if draft.task.seasons else []))))
    few = draft.n_series * draft.task.steps < 2000
    params = {"objective": "l1"} | ({"min_data_in_leaf": 10} if few else {})
    leaves = [4, 31] if few else [7, 63]
    return [
        "models:",
        *(f"  {name}: {{}}" for name in simple),
        "  lightgbm:",
        _line(f"    params: {flow(params)}", "minimizes absolute errors"),
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
        _line("  budget: {trials: 12, time: 5m}", "per model; a larger budget continues the run"),
        _line("  generation: 4", "trials asked together"),
    ]
