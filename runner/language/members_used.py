"""Which members a spec uses: what its identity, its requirements and its hints are made of."""

from __future__ import annotations

from collections.abc import Iterator

from runner.language.sections.experiment import Experiment
from runner.members.features.registry import FEATURES
from runner.members.member import Member
from runner.members.metrics.registry import METRICS
from runner.members.models.registry import MODELS
from runner.members.models.section import TrainedModel
from runner.members.plugins import Plugin
from runner.members.pruners import PRUNERS
from runner.members.registry import FAMILIES
from runner.members.samplers import SAMPLERS
from runner.members.sources.registry import SOURCES, source_kind
from runner.members.targets.base import BaseStep
from runner.members.targets.registry import TARGETS
from runner.members.targets.section import TargetScaling
from runner.values.space import WideSpace

ALWAYS_REPORTED = ("mape", "rmse", "mae", "directional_accuracy")
"""Metrics that every row of a results document has, for every spec."""


def members_used(spec: Experiment) -> dict[tuple[str, str], Member]:
    """Return the members that can change a number of the run, by (family, name)."""
    return {(family, name): FAMILIES[family][name] for family, name in _names(spec)}


def plugins_used(spec: Experiment) -> dict[str, Plugin]:
    """Return the plug-ins among them by `family.name`."""
    plugins = {f"{family}.{name}": FAMILIES[family].plugin(name) for family, name in members_used(spec)}
    return {key: plugin for key, plugin in plugins.items() if plugin is not None}


def _names(spec: Experiment) -> Iterator[tuple[str, str]]:
    data = spec.data
    sources = [data.source, *(join.source for join in data.join), *([data.future] if data.future else [])]
    yield from ((SOURCES.name, kind) for source in sources if (kind := source_kind(source)))
    yield from ((MODELS.name, model.use) for model in spec.models.values())
    if spec.evaluation.baseline not in spec.models:
        yield MODELS.name, spec.evaluation.baseline
    refs = (spec.evaluation.metric, *spec.evaluation.report)
    yield from ((METRICS.name, kind) for kind in (*ALWAYS_REPORTED, *(ref.kind for ref in refs)))
    trained = [model for model in spec.models.values() if isinstance(model, TrainedModel)]
    for model in trained:
        yield from ((FEATURES.name, member.name) for member, _ in (model.features or spec.features).asked())
        yield from _steps(model.target or spec.target)
        if isinstance(model.space, WideSpace):
            yield from ((FEATURES.name, name) for name in model.space.features)
            if model.space.target:  # any of them may be drawn
                yield from ((TARGETS.name, name) for name in TARGETS.names)
                yield from ((MODELS.name, name) for name in MODELS.with_trait("can_be_base"))
    yield SAMPLERS.name, spec.study.sampler.name
    yield PRUNERS.name, spec.study.pruner.name


def _steps(target: TargetScaling) -> Iterator[tuple[str, str]]:
    for step in target.in_order():
        yield TARGETS.name, step.kind
        if isinstance(step, BaseStep):
            yield MODELS.name, step.base
