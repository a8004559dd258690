"""Where to deliver: a tracking server, or the local store of the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from runner.store.redact import redact


@dataclass(frozen=True)
class Destination:
    """A place that takes deliveries. `repr` and `label` show no credentials."""

    uri: str
    registry: str
    label: str
    """Names it in marks and messages; the same when only the credentials change."""
    artifacts: Path | None = None
    """Where artefacts go when there is no server to decide it."""
    database: Path | None = None
    """File of the local store."""

    def __repr__(self) -> str:
        return f"Destination({self.label})"

    @property
    def remote(self) -> bool:
        return self.uri.startswith(("http://", "https://"))

    @property
    def present(self) -> bool:
        """False for a local store that has been deleted, or not been made yet."""
        return self.database is None or self.database.exists()


def destination(environ: Mapping[str, str], root: Path, variable: str = "MLFLOW_TRACKING_URI") -> Destination:
    """The server that `variable` names, or `mlruns/` in the project's folder when it is not set."""
    artifacts = root.resolve() / "mlruns" / "artifacts"
    uri = environ.get(variable, "").strip()
    if not uri:
        database = root.resolve() / "mlruns" / "mlflow.db"
        uri = f"sqlite:///{database.as_posix()}"
        return Destination(uri, uri, "sqlite:///mlruns/mlflow.db", artifacts, database)
    registry = environ.get("MLFLOW_REGISTRY_URI", "").strip() or uri
    place = Destination(uri, registry, _without_credentials(uri))
    return place if place.remote or "://" not in uri else Destination(uri, registry, place.label, artifacts)


def _without_credentials(uri: str) -> str:
    parts = urlsplit(uri)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return redact(urlunsplit(bare) if parts.netloc else uri)
