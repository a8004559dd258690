"""What a final model is, as one JSON document next to the native files of its members.

payload/manifest.json             the document
payload/members/<name>/         native files of each member that is not a combination, as `Fit.save` wrote them
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from runner.errors import StoreError
from runner.families.features.config import TableConfig
from runner.language.sections.experiment import Experiment
from runner.members.features.section import Features
from runner.members.models.registry import MODELS
from runner.members.targets.section import TargetScaling
from runner.members.training import Training
from runner.run.plan import Candidate
from runner.values.records import Flat
from runner.values.section import FrozenMap, Section, as_values

DOCUMENT: Final = "manifest.json"
MEMBERS: Final = "members"


class Part(Section):
    """One member: the model itself, or what a blend is made of."""

    name: str
    """Name on the scoreboard."""
    kind: str
    """Kind of the model."""
    params: Flat
    """As given to the kind; of a blend, `of` and `weights`."""
    seed: int
    """Seed of its fit."""
    rounds: int | None = None
    """Boosting rounds."""
    features: Features | None = None
    """What it sees; null for a member that is not trained on rows."""
    target: TargetScaling | None = None
    """How its target is scaled."""
    training: Training | None = None
    """Which rows it was trained on."""

    @property
    def combines(self) -> bool:
        """Return whether it is made of other members' forecasts alone, and has no files."""
        return MODELS.has(self.kind, "combination")

    @property
    def tables(self) -> TableConfig | None:
        """Its feature configuration; None for a member that is not trained on rows."""
        if self.features is None or self.target is None or self.training is None:
            return None
        return TableConfig(self.features, self.target, self.training)


class Column(Section):
    """A covariate that a member looks at."""

    name: str
    """Column of the history."""
    role: Literal["known", "observed", "static"]
    """What it may be looked at for."""
    text: bool = False
    """Whether its values are texts."""


class Manifest(Section):
    """Everything but the trees."""

    version: Literal[1] = 1
    """Of this document."""
    key: str = ""
    """Changes with anything that decides the fit."""
    run_id: str
    """The run whose winners these are."""
    model: str
    """Name on the scoreboard."""
    spec: Experiment
    """The experiment, resolved."""
    season: int
    """Steps of the main season."""
    parts: tuple[Part, ...]
    """Every blend after its members; the model itself is the last."""
    offsets: tuple[tuple[float, ...], ...] = ()
    """Quantiles around the forecast, a row a step, in units of each series' scale; empty when none are asked for."""
    columns: tuple[Column, ...] = ()
    """Covariates that some member looks at."""
    until: str = ""
    """Last time of the history."""

    @property
    def fitted(self) -> tuple[Part, ...]:
        """Return the members with native files: all but combinations."""
        return tuple(part for part in self.parts if not part.combines)

    def part(self, name: str) -> Part:
        """Return the member of a name."""
        return next(part for part in self.parts if part.name == name)


def part_of(candidate: Candidate) -> Part:
    """The candidate as a document."""
    tables = candidate.tables
    return Part(
        name=candidate.model,
        kind=candidate.kind,
        params=FrozenMap(candidate.params),
        seed=candidate.seed,
        rounds=candidate.rounds,
        features=tables.features if tables else None,
        target=tables.target if tables else None,
        training=tables.training if tables else None,
    )


def write_manifest(manifest: Manifest, payload: Path) -> None:
    """Write `manifest.json` into an existing folder."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False, allow_nan=False)
    (payload / DOCUMENT).write_text(text + "\n", encoding="utf-8")


def read_manifest(payload: Path) -> Manifest:
    """The manifest of a final model. Raises StoreError when it is not there or not one."""
    path = payload / DOCUMENT
    try:
        document: Any = json.loads(path.read_bytes())
        return Manifest.model_validate(as_values(document))
    except ValidationError as error:
        line = error.errors(include_url=False)[0]
        where = ".".join(map(str, line["loc"]))
        hint = "install what its requirements.txt lists, plug-ins included"
        raise StoreError(f"{path}: this final model cannot be read: {where}: {line['msg']}; hint: {hint}") from None
    except (OSError, ValueError) as error:
        lines = str(error).splitlines()
        raise StoreError(f"{path}: this is no final model: {lines[0] if lines else type(error).__name__}") from None
