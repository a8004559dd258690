"""Values as YAML on one line: what `explain`, `diff` and drafted specs show."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from runner.language.scalars import ScalarError, look_alike, resolve

_PLAIN: Final = re.compile(r"[A-Za-z_./][A-Za-z0-9_./%()+ :\-]*|\d+(\.\d+)?(s|m|h|%)", re.ASCII)


def flow(value: Any) -> str:
    """Return the value as YAML on one line, such as `{float: [0.01, 0.3], log: true}`."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(str(key))}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    return text if _is_plain(text) else json.dumps(text, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    """Return whether the text needs no quotes, in YAML 1.1 too."""
    if _PLAIN.fullmatch(text) is None or text != text.strip() or ": " in text or text.endswith(":"):
        return False
    try:
        return resolve(text) == text and look_alike(text) is None
    except ScalarError:
        return False
