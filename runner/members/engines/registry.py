"""Engines: where evaluations run."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final

from pydantic import model_serializer

from runner.members.family import Family
from runner.members.member import Member
from runner.members.slot import Slot, one_key
from runner.values.section import Section


class EngineSection(Section):
    """Where evaluations run. Written as a name, or as one key with a map or an address: `{dask: tcp://...}`."""

    kind: str = "local"
    """Name of the engine."""

    @model_serializer
    def _shorthand(self) -> Any:
        values = {name: getattr(self, name) for name in type(self).model_fields if name != "kind"}
        return {self.kind: values} if values else self.kind


LOCAL: Final = Member(
    "local",
    EngineSection,
    "runner.families.engines.local:Processes",
    "Worker processes of this machine.",
    libraries=("pebble",),
)
ENGINES: Final = Family("engines", (LOCAL,))
Engine = Annotated[EngineSection, Slot(ENGINES, "kind", normalize=partial(one_key, argument="address"))]
