"""Which members a spec uses: what its identity, its requirements and its hints are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
from runner.values.section import as_values
from runner.values.space import BranchDimension, ChoiceDimension, Space, WideSpace

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
            yield from ((FEATURES.name, key) for key, _ in _drawable(model.space.features))
            for key, value in _drawable(model.space.target):
                yield from _steps(TargetScaling.model_validate(as_values({} if value is None else {key: value})))
    yield SAMPLERS.name, spec.study.sampler.name
    yield PRUNERS.name, spec.study.pruner.name


def _drawable(space: Space) -> Iterator[tuple[str, Any]]:
    """Yield (key, value) of every choice and branch; (key, None) of a dimension of numbers."""
    for key, dimension in space.items():
        if isinstance(dimension, BranchDimension):
            for label, below in dimension.branches.items():
                yield key, label
                yield from _drawable(below)
        elif isinstance(dimension, ChoiceDimension):
            options = dimension.options
            yield from ((key, value) for value in (options.values() if isinstance(options, dict) else options))
        else:
            yield key, None


def _steps(target: TargetScaling) -> Iterator[tuple[str, str]]:
    for step in target.in_order():
        yield TARGETS.name, step.kind
        if isinstance(step, BaseStep):
            yield MODELS.name, step.base
