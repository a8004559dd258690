"""A finished run and its gates: verdicts as things stand now, against the champion where a gate asks for it.

Light until the registry is asked, and it is asked only for a gate that needs a champion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from runner.language.sections.run import Gate
from runner.results.document import BenchmarkDocument, GateVerdict
from runner.results.gates import Found, NoChampion, judge, needs_champion
from runner.store.folder import Store
from runner.track.destination import Destination
from runner.track.run_content import safe_key
from runner.track.settings import load_quietly
from runner.track.tags import DATA

_NOT_NEEDED = NoChampion("no gate asks for a champion")


@dataclass(frozen=True)
class Challenger:
    """The results that gates judge, and the registry where their champion is."""

    store: Store
    document: BenchmarkDocument
    gates: tuple[Gate, ...]
    digests: Mapping[str, str]  # data that the run has read -> sha256
    place: Destination

    @property
    def name(self) -> str:
        return self.document.name

    def champion(self) -> Found:
        """Return the champion of now. MLflow is imported here and not before."""
        find: Callable[[Destination, str], Found] = load_quietly("runner.track.registry").find_champion
        return find(self.place, self.name)

    def verdicts(self, champion: Found | None = None) -> tuple[GateVerdict, ...]:
        """Return the verdict of each gate as things stand now."""
        champion = champion or (self.champion() if needs_champion(self.gates) else _NOT_NEEDED)
        return judge(self.gates, self.document, champion, {_as_tag(key): value for key, value in self.digests.items()})


def _as_tag(name: str) -> str:
    """The name of a file as a tag of its run has it."""
    return safe_key(f"{DATA}{name}").removeprefix(DATA)
