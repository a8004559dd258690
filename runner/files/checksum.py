"""A record on disk together with its digest, so that a truncated or garbled file is recognised and never believed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from runner.files.atomic import canonical_json


class DamagedError(Exception):
    """The bytes are not what was written. Never reaches a user: the file is set aside and its work done again."""


def digest(record: Any) -> str:
    """sha256 of the canonical JSON of a plain document."""
    return hashlib.sha256(canonical_json(record)).hexdigest()


def wrap(record: Any) -> bytes:
    """One line: `{"record": ..., "sha256": ...}`."""
    return canonical_json({"record": record, "sha256": digest(record)}) + b"\n"


def unwrap(content: bytes) -> Any:
    """The plain document that was sealed. Raises DamagedError for anything else."""
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
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("duplicate key")
    return found
