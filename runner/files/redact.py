"""Remove secrets from texts: credentials in addresses, and values of environment variables named like a secret."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

HIDDEN = "***"
_SECRET_WORDS = frozenset(
    {
        *("PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "TOKEN", "SECRET", "SECRETS", "KEY", "APIKEY"),
        *("CREDENTIAL", "CREDENTIALS", "AUTHORIZATION"),
    }
)
_SHORTEST = 4
"""Shorter values are ordinary words ("1", "yes"), and hiding them would make a text unreadable."""
_PLAIN_VALUES = frozenset({"true", "false", "none", "null", "basic", "file"})
# A password may hold "/", "@" and "?" unescaped: from user:... to the last @, unless what follows is a port.
_USER_INFO = re.compile(r"(?<=://)[^\s/:@'\"]*:(?!\d{1,5}(?:[/?#\s'\"]|$))[^\s'\"]*@|(?<=://)[^\s/@'\"]+@")
_QUERY = re.compile(
    r"(?i)([?&;][\w.-]*(?:token|password|passwd|pwd|secret|key|credential|signature|sig|auth)[\w.-]*=)[^&;\s#'\"]+"
)
_HEADER = re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?)(?:(?:basic|bearer|token)\s+)?[^\s'\",}]+")


def redact(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the text with every secret as `***`. `environ` defaults to the process environment."""
    for secret in _secrets(os.environ if environ is None else environ):
        text = text.replace(secret, HIDDEN)
    text = _USER_INFO.sub(f"{HIDDEN}@", text)
    text = _QUERY.sub(rf"\g<1>{HIDDEN}", text)
    return _HEADER.sub(rf"\g<1>{HIDDEN}", text)


class RedactingFormatter(logging.Formatter):
    """A formatter for all log handlers, which redacts message, arguments and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _secrets(environ: Mapping[str, str]) -> list[str]:
    """Return the secrets, longest first, so that one within another leaves no rest."""
    secrets = {form for name, value in environ.items() if _names_a_secret(name) for form in _forms(value)}
    return sorted(secrets, key=lambda secret: (-len(secret), secret))


def _forms(value: str) -> Iterator[str]:
    """Yield a value as it is and as an address spells it."""
    if len(value) >= _SHORTEST and value.lower() not in _PLAIN_VALUES:
        yield value
        yield quote(value, safe="")


def _names_a_secret(name: str) -> bool:
    return not _SECRET_WORDS.isdisjoint(name.upper().split("_"))
