"""What no single key shows: keys that contradict each other.

Checks read the tree, not the validated spec, so that they speak up together with errors of shape; each copes with any
tree that the reader lets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from runner.errors import PluginError, did_you_mean
from runner.language.frequency import FrequencyError, parse_frequency
from runner.language.gate_checks import check_gates
from runner.language.inherit import kind_of
from runner.language.nodes import Findings, Node, Path
from runner.language.scalars import shorten
from runner.language.space_checks import check_models
from runner.language.target_checks import check_target
from runner.language.unbuilt import kind_name
from runner.members.features.registry import FEATURES
from runner.members.metrics.registry import METRICS
from runner.members.models.registry import MODELS

_LISTS: Final[Sequence[Path]] = (
    ("data", "series"),
    ("evaluation", "report"),
    ("features", "lags"),
    ("features", "rolling"),
    ("features", "calendar"),
    ("features", "profile"),
    ("forecast", "quantiles"),
)
_ROLES: Final = ("known", "observed", "static", "ignore")


def check(node: Node, findings: Findings) -> None:
    """Report every contradiction in the tree."""
    for judge in (_frequency, _columns, _lists, _quantiles, _metrics_need, _windows, _baseline, _synthetic):
        judge(node, findings)
    for name, model in _entries(node, "models"):
        if _combines(name, model):
            _blend(name, model, node, findings)
    for path in (("target",), *(("models", name, "target") for name, _ in _entries(node, "models"))):
        if (target := node.at(*path)) is not None:
            check_target(target, path, findings)
    check_gates(node, findings)
    check_models(node, findings)


def _combines(name: str, model: Node) -> bool:
    try:
        return MODELS.has(kind_of(name, model), "combination")
    except PluginError:
        return False


def _entries(node: Node, *path: str) -> list[tuple[str, Node]]:
    parent = node.at(*path)
    return list(parent.entries.items()) if parent else []


def _metrics(node: Node) -> Iterator[tuple[Path, Node]]:
    metric = node.at("evaluation", "metric")
    if metric is not None:
        yield ("evaluation", "metric"), metric
    report = node.at("evaluation", "report")
    for index, item in enumerate(report.items if report else []):
        yield ("evaluation", "report", index), item


def _frequency(node: Node, findings: Findings) -> None:
    data, time, freq = node.at("data"), node.at("data", "time"), node.at("data", "freq")
    is_integer = time is not None and "integer" in time.entries
    if freq is None or freq.value is None:
        if data is not None and time is not None and not is_integer:
            help = "write `freq: W-FRI`, `D`, `h`, `MS` …; only integer time goes without"
            findings.at_key("FS014", "`data` needs the key `freq`", data.place, ("data", "freq"), help)
        return
    if isinstance(freq.value, str):
        try:
            parse_frequency(freq.value)
        except FrequencyError as error:
            findings.at_value("FS011", str(error), freq.place, ("data", "freq"), error.help)
    if is_integer:
        message = "integer time has no calendar, so no frequency"
        findings.at_key("FS011", message, freq.place, ("data", "freq"), "drop `freq`, or `integer`")


def _columns(node: Node, findings: Findings) -> None:
    roles: dict[str, str] = {}
    for role, path, name in _roles(node):
        if name.value in roles:
            first = roles[name.value]
            code = "FS203" if first == "target" else "FS107"
            message = f"column `{shorten(name.value)}` is {first} already, and cannot be {role} too"
            findings.at_value(code, message, name.place, path, "give it one role")
        roles.setdefault(name.value, role)


def _roles(node: Node) -> Iterator[tuple[str, Path, Node]]:
    """Yield (role, path, node) of every column given by its exact name."""
    single: list[tuple[str, Path]] = [
        ("target", ("data", "target")),
        ("time", ("data", "time")),
        ("time", ("data", "time", "integer")),
    ]
    for role, path in single:
        column = node.at(*path)
        if column is not None and isinstance(column.value, str):
            yield role, path, column
    lists: list[tuple[str, Path]] = [("time", ("data", "time", "columns")), ("a series id", ("data", "series"))]
    lists += [(role, ("data", "covariates", role)) for role in _ROLES]
    for role, path in lists:
        columns = node.at(*path)
        for index, item in enumerate(columns.items if columns else []):
            if isinstance(item.value, str):
                yield role, (*path, index), item


def _lists(node: Node, findings: Findings) -> None:
    boosters: list[Path] = [("models", name) for name, _ in _entries(node, "models")]
    paths = [path for path in _LISTS if path != ("data", "series")]
    paths += [(*model, *path) for model in boosters for path in _LISTS if path[0] == "features"]
    for path in paths:
        items = node.at(*path)
        values: list[tuple[str, Any]] = []
        for index, item in enumerate(items.items if items else []):
            value = (type(item.value).__name__, item.plain())
            if value in values:
                findings.at_value("FS011", "this is in the list already", item.place, (*path, index), "keep one")
            values.append(value)


def _number(node: Node | None) -> float | None:
    value = node.value if node is not None else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _quantiles(node: Node, findings: Findings) -> None:
    quantiles = node.at("forecast", "quantiles")
    levels = [_number(item) for item in (quantiles.items if quantiles else [])]
    for index, (low, high) in enumerate(pairwise(levels), start=1):
        if low is not None and high is not None and low > high and quantiles is not None:
            path: Path = ("forecast", "quantiles", index)
            findings.at_value("FS011", "quantiles ascend", quantiles.items[index].place, path, "sort them")


def _metrics_need(node: Node, findings: Findings) -> None:
    quantiles = node.at("forecast", "quantiles")
    levels = [level for item in (quantiles.items if quantiles else []) if (level := _number(item)) is not None]
    for path, metric in _metrics(node):
        kind = kind_name(metric)
        needs_quantiles = METRICS.has(kind, "needs_quantiles")
        if needs_quantiles and path == ("evaluation", "metric"):
            message = f"models cannot be tuned by `{kind}`: quantiles are made after tuning"
            help = f"tune by `wape`, `mase` or `mae`, and write `report: [{kind}]`"
            findings.at_value("FS305", message, metric.place, path, help)
        elif needs_quantiles and not levels:
            help = "write `forecast: {quantiles: [0.1, 0.5, 0.9]}`"
            findings.at_value("FS305", f"`{kind}` needs quantiles", metric.place, path, help)
        if METRICS.has(kind, "needs_known"):
            _known_covariate(metric.at(kind, "weight") or metric, (*path, kind, "weight"), node, findings)
        level = _number(metric.at(kind, "level")) if needs_quantiles else None
        if level is not None and levels and not _spans(levels, level):
            ends = f"{(1 - level) / 2:.4g} and {(1 + level) / 2:.4g}"
            message = f"a central interval of {level:g} needs the quantiles {ends}"
            findings.at_value("FS305", message, metric.place, path, "add them to `forecast.quantiles`")


def _known_covariate(column: Node, path: Path, node: Node, findings: Findings) -> None:
    covariates = node.at("data", "covariates", "known")
    names = [str(item.value) for item in (covariates.items if covariates else [])]
    name = column.value if path[-2] not in (column.value, *column.entries) else None
    if name not in names:
        help = did_you_mean(str(name), names, 0.5) or "name one of `data.covariates.known`"
        message = f"`{shorten(str(name))}` is no known covariate" if name else f"`{path[-2]}` needs its `weight`"
        findings.at_value("FS011", message, column.place, path, help)


def _spans(levels: list[float], level: float) -> bool:
    ends = ((1 - level) / 2, (1 + level) / 2)
    return all(any(abs(end - quantile) < 1e-9 for quantile in levels) for end in ends)


def _windows(node: Node, findings: Findings) -> None:
    horizon, least = _number(node.at("forecast", "horizon")), node.at("evaluation", "tuning", "min_horizon")
    fewest = _number(least)
    if least is not None and fewest is not None and horizon is not None and fewest > horizon:
        message = f"`min_horizon` is beyond the horizon of {horizon:g}"
        findings.at_value("FS011", message, least.place, ("evaluation", "tuning", "min_horizon"), "lower it")
    time = node.at("data", "time")
    if time is None or "integer" not in time.entries:
        return
    for key in FEATURES.with_trait("needs_dates"):
        feature = node.at("features", key)
        if feature is not None and feature.value not in (None, []):
            findings.at_value("FS011", f"`{key}` needs dates, and time is counted in integers", feature.place,
                              ("features", key), "drop it")  # fmt: skip


def _baseline(node: Node, findings: Findings) -> None:
    baseline, models = node.at("evaluation", "baseline"), [name for name, _ in _entries(node, "models")]
    if baseline is None or not isinstance(baseline.value, str):
        return
    baselines = MODELS.with_trait("baseline")
    if baseline.value not in (*models, *baselines):
        kinds = f"known without a model are {', '.join(baselines)}"
        help = did_you_mean(baseline.value, (*models, *baselines), 0.5) or kinds
        message = f"`{shorten(baseline.value)}` is neither a model of this spec nor a baseline kind"
        findings.at_value("FS308", message, baseline.place, ("evaluation", "baseline"), help)


def _blend(name: str, model: Node, node: Node, findings: Findings) -> None:
    kinds = {label: kind_of(label, entry) for label, entry in _entries(node, "models")}
    of = model.at("of")
    members: set[str] = set()
    for index, item in enumerate(of.items if of else []):
        path: Path = ("models", name, "of", index)
        if not isinstance(item.value, str):
            continue
        if item.value in members:
            findings.at_value("FS011", f"`{item.value}` is in the blend already", item.place, path, "keep one")
        elif item.value not in kinds:
            help = did_you_mean(item.value, kinds, 0.5) or "name models of this spec"
            findings.at_value("FS011", f"there is no model `{shorten(item.value)}`", item.place, path, help)
        elif MODELS.has(kinds[item.value], "combination"):
            findings.at_value("FS011", "a blend cannot be part of a blend", item.place, path, "name its members")
        members.add(item.value)


def _synthetic(node: Node, findings: Findings) -> None:
    source = node.at("data", "source", "synthetic")
    series = _number(source.at("series")) if source else None
    for key in ("intermittent", "shifted", "short", "gappy"):
        option = source.at(key) if source else None
        count = _number(option)
        if option is not None and count is not None and count > (6 if series is None else series):
            path: Path = ("data", "source", "synthetic", key)
            findings.at_value("FS011", f"more `{key}` series than there are series", option.place, path, "lower it")
