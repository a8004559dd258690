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
    """Three sections of the spec, as they stand for one candidate after its trial's parameters are put in."""

    features: Features = field(default_factory=Features)
    target: TargetScaling = field(default_factory=TargetScaling)
    training: Training = field(default_factory=Training)

    def document(self) -> dict[str, Any]:
        """Everything that determines the table, ready for JSON. How far boosting goes does not."""
        return {
            "features": self.features.model_dump(mode="json"),
            "target": self.target.model_dump(mode="json"),
            "training": self.training.model_dump(mode="json", exclude={"rounds"}),
        }

    def key(self) -> str:
        """sha256 of the canonical JSON of `document`. The data and the window are the caller's to add."""
        return digest(self.document())
