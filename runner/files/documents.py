"""Read and write JSON documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from runner.files.atomic import write_text

_MAX_DEPTH: Final = 100
_TOO_DEEP: Final = f"nested more than {_MAX_DEPTH} levels deep"


def canonical_json(document: Any) -> bytes:
    """Return the one spelling of a document: sorted keys, no blanks, ASCII. Raises ValueError for NaN and infinity."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def parse_json(content: bytes | str) -> Any:
    """Return the document. Raises ValueError for text that is not JSON or is nested too deep."""
    try:
        document = json.loads(content)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    level = [document]
    for _ in range(_MAX_DEPTH):
        level = [inner for value in level for inner in _inner(value)]
        if not level:
            return document
    raise ValueError(_TOO_DEEP)


def _inner(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def show_json(document: Any) -> str:
    """Return a document as people read it: indented, keys in the order given. Raises ValueError for NaN."""
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path, document: Any) -> None:
    """Write a document as `show_json` has it. Raises StoreError."""
    write_text(path, show_json(document))
