"""What can be wrong with gates: keys that do not go together, and names that no scoreboard will have."""

from __future__ import annotations

from typing import Any, Final

from runner.errors import did_you_mean
from runner.language.members_used import ALWAYS_REPORTED
from runner.language.nodes import Findings, Node, Path
from runner.language.scalars import shorten
from runner.members.models.registry import MODELS

CONDITIONS: Final = ("better_than", "not_worse_than", "covers")
_BELONGS: Final = {"by": "better_than", "significant": "better_than", "tolerance": "not_worse_than"}
_REPORTED_BY_DEFAULT: Final = ("wape",)


def check_gates(node: Node, findings: Findings) -> None:
    """Judge every gate of the spec."""
    gates = node.at("gates")
    for index, gate in enumerate(gates.items if gates else []):
        path: Path = ("gates", index)
        conditions = [name for name in CONDITIONS if _has(gate, name)]
        if gate.entries and len(conditions) != 1:
            help = "write exactly one of `better_than`, `not_worse_than` and `covers`"
            findings.at_value(
                "FS011", f"a gate has one condition, this one has {len(conditions)}", gate.place, path, help
            )
        for name, owner in _BELONGS.items():
            if _has(gate, name) and conditions and owner not in conditions:
                entry = gate.entries[name]
                findings.at_key("FS011", f"`{name}` goes with `{owner}`", entry.place, (*path, name), "drop it")
        _metric(gate, conditions, node, path, findings)
        _model(gate, node, path, findings)
        _significance(gate, node, path, findings)


def _has(gate: Node, name: str) -> bool:
    entry = gate.at(name)
    return entry is not None and entry.value is not None


def _metric(gate: Node, conditions: list[str], node: Node, path: Path, findings: Findings) -> None:
    metric = gate.at("metric")
    if metric is None or metric.value is None:
        if conditions and conditions != ["covers"]:
            help = "write `metric: wape`, say"
            findings.at_value("FS014", "a gate needs the key `metric`", gate.place, (*path, "metric"), help)
        return
    if conditions == ["covers"]:
        findings.at_key(
            "FS011", "`covers` counts series and needs no metric", metric.place, (*path, "metric"), "drop it"
        )
        return
    metrics = _reported(node)
    if metric.plain() not in metrics and isinstance(metric.value, str | dict):
        help = "add it to `evaluation.report`"
        findings.at_value("FS607", "this metric is not on the scoreboard", metric.place, (*path, "metric"), help)


def _reported(node: Node) -> list[Any]:
    """Return the metrics of the scoreboard, as written."""
    objective, report = node.at("evaluation", "metric"), node.at("evaluation", "report")
    names = [objective.plain()] if objective else list(_REPORTED_BY_DEFAULT)
    return [*names, *(item.plain() for item in (report.items if report else [])), *ALWAYS_REPORTED]


def _model(gate: Node, node: Node, path: Path, findings: Findings) -> None:
    rival = gate.at("better_than")
    if rival is None or not isinstance(rival.value, str):
        return
    models, baseline = node.at("models"), node.at("evaluation", "baseline")
    rows = [*(models.entries if models else {}), baseline.value if baseline else "seasonal_naive"]
    if rival.value not in rows:
        names = [name for name in rows if isinstance(name, str)]
        help = did_you_mean(rival.value, names, 0.5) or "name a model of this spec"
        if rival.value in MODELS.with_trait("baseline"):
            help = f"add `{rival.value}: {{}}` to the models"
        message = f"`{shorten(rival.value)}` is not on the scoreboard"
        findings.at_value("FS607", message, rival.place, (*path, "better_than"), help)


def _significance(gate: Node, node: Node, path: Path, findings: Findings) -> None:
    flag, metric = gate.at("significant"), gate.at("metric")
    if flag is None or flag.value is not True:
        return
    compare, objective = node.at("evaluation", "compare"), node.at("evaluation", "metric")
    where = (*path, "significant")
    if compare is None or compare.value is None:
        help = "write `evaluation: {compare: {method: diebold_mariano}}`"
        findings.at_key("FS011", "significance needs a test", flag.place, where, help)
    if metric is not None and metric.plain() != (objective.plain() if objective else "wape"):
        help = "judge the tuned metric, or drop it"
        findings.at_key("FS011", "the differences are tested on the tuned metric alone", flag.place, where, help)
