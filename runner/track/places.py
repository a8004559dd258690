"""Where the runs of a project are delivered: a spec may name its server by a variable of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runner.store.folder import Store
from runner.track.destination import Destination, destination

_USUAL: Final = "MLFLOW_TRACKING_URI"


def place_of(spec: Any, root: Path) -> Destination:
    """Where a run with this resolved spec is delivered; one that names no variable, to the usual place."""
    for key in ("tracking", "server", "env"):
        spec = spec.get(key) if isinstance(spec, Mapping) else None
    return destination(os.environ, root, spec if isinstance(spec, str) else _USUAL)


def places(store: Store) -> tuple[Destination, ...]:
    """Every place that may know a run of this project: the usual one first, then those of its runs, the local store."""
    specs = [
        folder.document("spec.resolved", object)  # only looked at: who needs it says what is wrong with it
        for name in store.names()
        for folder in (*store.archived(name), *store.runs(name))
    ]
    named = [place_of(spec, store.root) for spec in specs]
    return tuple(dict.fromkeys([destination(os.environ, store.root), *named, destination({}, store.root)]))
