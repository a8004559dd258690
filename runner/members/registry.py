"""All families of members, by the name that their group of entry points has."""

from __future__ import annotations

from typing import Final

from runner.members.engines.registry import ENGINES
from runner.members.family import Family
from runner.members.features.registry import FEATURES
from runner.members.metrics.registry import METRICS
from runner.members.models.registry import MODELS
from runner.members.pruners import PRUNERS
from runner.members.samplers import SAMPLERS
from runner.members.sources.registry import SOURCES
from runner.members.targets.registry import TARGETS

FAMILIES: Final[dict[str, Family]] = {
    family.name: family for family in (MODELS, FEATURES, TARGETS, METRICS, SOURCES, ENGINES, SAMPLERS, PRUNERS)
}
