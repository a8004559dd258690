"""What determines a feature table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runner.files.checksum import digest
from runner.members.features.section import Features
from runner.members.targets.section import TargetScaling
from runner.members.training import Training


@dataclass(frozen=True)
class TableConfig:
    """Three sections of the spec, with the parameters of one candidate's trial."""

    features: Features = field(default_factory=Features)
    target: TargetScaling = field(default_factory=TargetScaling)
    training: Training = field(default_factory=Training)

    def document(self) -> dict[str, Any]:
        """Return everything that determines the table, ready for JSON; the rounds of boosting do not."""
        return {
            "features": self.features.model_dump(mode="json"),
            "target": self.target.model_dump(mode="json"),
            "training": self.training.model_dump(mode="json", exclude={"rounds"}),
        }

    def key(self) -> str:
        """Return the sha256 of the canonical JSON of `document`. Callers add the data and the window."""
        return digest(self.document())
