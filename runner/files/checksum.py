"""Take sha256 digests, and keep a record together with its own, so that a damaged file is recognized."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from runner.files.documents import canonical_json


class DamagedError(Exception):
    """The bytes are not what was written. Never reaches a user: the file is set aside and its work done again."""


def sha256_of(content: bytes) -> str:
    """Return the sha256 of some bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, read in pieces. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(record: Any) -> str:
    """Return the sha256 of the canonical JSON of a plain document."""
    return sha256_of(canonical_json(record))


def wrap(record: Any) -> bytes:
    """Return the record as one line: `{"record": ..., "sha256": ...}`."""
    return canonical_json({"record": record, "sha256": digest(record)}) + b"\n"


def unwrap(content: bytes) -> Any:
    """Return the record that `wrap` was given. Raises DamagedError for anything else."""
    try:
        envelope = json.loads(content.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise DamagedError("not a JSON document") from error
    if not isinstance(envelope, dict) or envelope.keys() != {"record", "sha256"}:
        raise DamagedError("not a record with its digest")
    if envelope["sha256"] != _digest_or_none(envelope["record"]):
        raise DamagedError("the digest does not match the record")
    return envelope["record"]


def _digest_or_none(record: Any) -> str | None:
    try:
        return digest(record)
    except (ValueError, RecursionError):
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("duplicate key")
    return record
