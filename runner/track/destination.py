"""Where to deliver: a tracking server, or the local store of the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from runner.errors import UsageError
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
    """The server that `variable` names, or `mlruns/` in the project's folder when it is not set.

    Raises UsageError for what is no address, or a store in memory, which would be gone at once.
    """
    artifacts = root.resolve() / "mlruns" / "artifacts"
    uri = environ.get(variable, "").strip()
    if not uri:
        database = root.resolve() / "mlruns" / "mlflow.db"
        uri = f"sqlite:///{database.as_posix()}"
        return Destination(uri, uri, "sqlite:///mlruns/mlflow.db", artifacts, database)
    uri = _address(uri, variable)
    registry = _address(environ.get("MLFLOW_REGISTRY_URI", "").strip() or uri, "MLFLOW_REGISTRY_URI")
    place = Destination(uri, registry, _without_credentials(uri))
    return place if place.remote or "://" not in uri else Destination(uri, registry, place.label, artifacts)


def _address(uri: str, variable: str) -> str:
    """The address with the scheme of a server in small letters, as MLflow wants it."""
    try:
        scheme = urlsplit(uri).scheme
    except ValueError as error:
        raise UsageError(f"{variable} is no address: {error}; unset it for the local store") from None
    if uri.rstrip("/") == "sqlite:" or ":memory:" in uri:
        raise UsageError(f"{variable} names a store in memory, which nobody could look at; name a file or a server")
    return scheme + uri[len(scheme) :] if scheme in ("http", "https") else uri


def _without_credentials(uri: str) -> str:
    parts = urlsplit(uri)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return redact(urlunsplit(bare) if parts.netloc else uri)
