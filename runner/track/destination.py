"""Where to deliver: a tracking server, or the local store of the project."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from runner.errors import UsageError
from runner.files.redact import redact
from runner.store.folder import Store

_ARTIFACTS: Final = "artifacts"
_USUAL: Final = "MLFLOW_TRACKING_URI"
_SERVERS: Final = ("http://", "https://")
_REGISTRY: Final = "MLFLOW_REGISTRY_URI"
_STORES: Final = ("http", "https", "databricks", "sqlite", "postgresql", "mysql", "mssql", "file")
"""Schemes that MLflow serves."""
_CATALOGS: Final = ("databricks-uc", "uc")
"""Those that it serves as a registry of models alone."""
_OWN: Final = "sqlite:///mlruns/mlflow.db"
"""Label of a project's own store, wherever the project is; that of another has the whole path."""


@dataclass(frozen=True)
class Destination:
    """A place that takes deliveries. `repr` and `label` show no credentials."""

    uri: str
    registry: str
    label: str
    """Names it in marks and messages; the same when only the credentials change."""
    artifacts: Path | None = None
    """Where artifacts go when there is no server to decide it."""
    database: Path | None = None
    """File of a local store."""

    def __repr__(self) -> str:
        return f"Destination({self.label})"

    @property
    def remote(self) -> bool:
        return self.uri.startswith(_SERVERS)

    @property
    def own(self) -> bool:
        """Whether it is the store of the project, which is copied and moved with its artifacts."""
        return self.database is not None and self.artifacts == self.database.parent / _ARTIFACTS

    @property
    def present(self) -> bool:
        """False for a local store that has been deleted, or not been made yet."""
        return self.database is None or self.database.exists()


def destination(environ: Mapping[str, str], root: Path, variable: str = _USUAL) -> Destination:
    """Return the server that `variable` names, or `mlruns/` in the project's folder when it is not set.

    Raises UsageError for what is no address, for a store in memory, which ends with the process, and for one that
    MLflow does not serve, because its deliveries would be pending for ever.
    """
    own, artifacts = root.resolve() / "mlruns" / "mlflow.db", root.resolve() / "mlruns" / _ARTIFACTS
    uri = environ.get(variable, "").strip()
    if not uri:
        uri = _in_file(own)
        return Destination(uri, uri, _OWN, artifacts, own)
    uri = _known(_address(uri, variable), variable, environ)
    database = _database(uri)
    if database is not None:
        database = own if database == own.resolve() else database
        uri = _in_file(database)
    named = environ.get("MLFLOW_REGISTRY_URI", "").strip()
    registry = _known(_address(named, _REGISTRY), _REGISTRY, environ) if named else uri
    label = _OWN if database == own else _without_credentials(uri)
    return Destination(uri, registry, label, artifacts if _is_local(uri) else None, database)


def destination_of(spec: Any, root: Path) -> Destination:
    """Return where a run with this resolved spec is delivered: to the server that it names, else the usual one."""
    for key in ("tracking", "server", "env"):
        spec = spec.get(key) if isinstance(spec, Mapping) else None
    return destination(os.environ, root, spec if isinstance(spec, str) else _USUAL)


def all_destinations(store: Store) -> tuple[Destination, ...]:
    """Return every place that may have a run of this project: the usual one, those of its runs, the local store."""
    specs = [
        folder.document("spec.resolved", object)  # of any shape: a damaged spec is reported where it is needed
        for name in store.names()
        for folder in (*store.archived(name), *store.runs(name))
    ]
    named = [destination_of(spec, store.root) for spec in specs]
    return tuple(dict.fromkeys([destination(os.environ, store.root), *named, destination({}, store.root)]))


def _is_local(uri: str) -> bool:
    """Return whether the client decides where artifacts go."""
    return "://" in uri and not uri.startswith(_SERVERS)


def _in_file(database: Path) -> str:
    return f"sqlite:///{database.as_posix()}"


def _database(uri: str) -> Path | None:
    """Return the file that an address names, relative to the working folder; None when only MLflow can tell."""
    path = uri.removeprefix("sqlite:///")
    if path in ("", uri) or path.startswith("file:") or set(path) & set("?#%"):
        return None
    return Path(path).resolve()


def _address(uri: str, variable: str) -> str:
    """Return the address with the scheme of a server in small letters, as MLflow needs it."""
    try:
        scheme = urlsplit(uri).scheme
    except ValueError as error:
        raise UsageError(f"{variable} is no address: {error}; unset it for the local store") from None
    if uri.rstrip("/") == "sqlite:" or ":memory:" in uri:
        raise UsageError(f"{variable} names a store in memory, which ends with the process; name a file or a server")
    return scheme + uri[len(scheme) :] if scheme in ("http", "https") else uri


def _known(uri: str, variable: str, environ: Mapping[str, str]) -> str:
    """Return the address, when MLflow or a plug-in of it has a store for its scheme."""
    scheme = urlsplit(uri).scheme or (uri if uri in ("databricks", *_CATALOGS) else "file")
    if scheme == "file" and environ.get("MLFLOW_ALLOW_FILE_STORE", "").lower() not in ("true", "1"):
        hint = "name a database, such as sqlite:///mlruns/mlflow.db, or a server"
        raise UsageError(f"{variable} names a folder, and MLflow keeps no new runs in folders; {hint}")
    schemes = (*_STORES, *(_CATALOGS if variable == _REGISTRY else ()))
    if scheme.partition("+")[0] not in schemes and scheme not in _plugins():
        hint = "name a server (https://...) or a database (sqlite:///..., postgresql://...)"
        raise UsageError(f"{variable}: MLflow has no store for an address that begins with {scheme}:; {hint}")
    return uri


@cache
def _plugins() -> frozenset[str]:
    """Return schemes of stores that plug-ins have added to MLflow."""
    groups = ("mlflow.tracking_store", "mlflow.model_registry_store")
    return frozenset(point.name for group in groups for point in entry_points(group=group))


def _without_credentials(uri: str) -> str:
    parts = urlsplit(uri)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return redact(urlunsplit(bare) if parts.netloc else uri)
