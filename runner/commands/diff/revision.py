"""Read one side of a comparison: a file, or `REV:path` from git with all that it extends."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from runner.errors import SpecError, UsageError
from runner.language.nodes import Place
from runner.language.parse import Document, parse
from runner.language.reader import MAX_BYTES

MOST_FILES: Final = 5_000
MOST_BYTES: Final = 50_000_000
_SECONDS: Final = 20.0
_SHAPE: Final = re.compile(r"(?P<revision>[^:\s-][^:\s]*):(?P<path>.+)", re.DOTALL)
_SETTINGS: Final = "pyproject.toml"


@dataclass(frozen=True)
class Side:
    """A spec, its label, and the project whose data it would read."""

    label: str
    document: Document
    root: Path
    folder: str = ""  # where a revision was extracted; its files are shown as REV:path

    def where(self, place: Place) -> str:
        """Return file and line, such as `specs/a.yaml:12`, also for a file of a revision."""
        return f"{_shown_path(place.file, self.folder, self.label)}:{place.line}"


def read_side(argument: str) -> Side:
    """Return the spec at a path, or at `REV:path`. Raises SpecError and UsageError."""
    match = _SHAPE.fullmatch(argument)
    if match is None or Path(argument).exists():
        document = parse(Path(argument))
        return Side(argument, document, document.root)
    return _from_git(match["revision"], match["path"], argument)


def _from_git(revision: str, written: str, argument: str) -> Side:
    top = Path(os.path.realpath(_git(["rev-parse", "--show-toplevel"], "this folder is in no git repository").strip()))
    commit = _git(
        ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"],
        f"git knows no revision `{revision[:80]}`",
    ).strip()
    path = _inside(written, top)
    with tempfile.TemporaryDirectory(prefix="run-spec-") as name:
        folder = Path(os.path.realpath(name))
        _extract(commit, top, folder)
        (folder / ".git").mkdir()  # marks the root of the project, as in the repository
        if not (folder / path).is_file():
            raise UsageError(f"{argument}: there is no such file in that revision; hint: paths start at {top.name}/")
        try:
            document = parse(folder / path)
        except SpecError as error:
            diagnostics = (replace(d, file=_shown_path(d.file, str(folder), argument)) for d in error.diagnostics)
            raise SpecError(tuple(diagnostics)) from None
        root = top / document.root.relative_to(folder)
        return Side(argument, document, root, str(folder))


def _shown_path(file: str, folder: str, label: str) -> str:
    if not folder or not file.startswith(f"{folder}{os.sep}"):
        return file
    return f"{label.partition(':')[0]}:{file[len(folder) + 1 :]}"


def _inside(written: str, top: Path) -> str:
    """Return the path in the repository; `./` and `../` are relative to the working folder, as in git."""
    start = Path.cwd() if written.startswith(("./", "../")) else top
    path = Path(os.path.normpath(Path(os.path.realpath(start)) / written))
    if not path.is_relative_to(top):
        raise UsageError(f"{written}: the path is outside the repository")
    return path.relative_to(top).as_posix()


def _extract(commit: str, top: Path, folder: Path) -> None:
    """Extract all specs and settings of a revision, which `extends` may name."""
    entries = list(_entries(commit, top))
    if len(entries) > MOST_FILES or sum(size for _, size, _ in entries) > MOST_BYTES:
        raise UsageError(f"that revision has more than {MOST_FILES:,} YAML files, or {MOST_BYTES // 10**6} MB of them")
    contents = _contents([sha for sha, _, _ in entries], top)
    for sha, _, path in entries:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(contents[sha])


def _entries(commit: str, top: Path) -> Iterator[tuple[str, int, str]]:
    """Yield (object, bytes, path) of every regular file that may be a spec; skip symbolic links."""
    listing = _git(["-C", str(top), "ls-tree", "-r", "-l", "-z", commit], "git cannot list that revision")
    for entry in filter(None, listing.split("\0")):
        head, _, path = entry.partition("\t")
        mode, kind, sha, size = head.split()
        name = PurePosixPath(path)
        is_spec = name.suffix in (".yaml", ".yml") or name.name == _SETTINGS
        is_safe = ".." not in name.parts and not name.is_absolute()
        if kind == "blob" and mode != "120000" and is_spec and is_safe and int(size) <= MAX_BYTES + 1:
            yield sha, int(size), path


def _contents(shas: Sequence[str], top: Path) -> Mapping[str, bytes]:
    stream = _run(["-C", str(top), "cat-file", "--batch"], "\n".join([*shas, ""]).encode(), "git cannot read it")
    contents: dict[str, bytes] = {}
    at = 0
    while at < len(stream):
        end = stream.index(b"\n", at)
        sha, _, size = stream[at:end].decode().split()
        contents[sha] = stream[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
    return contents


def _git(arguments: Sequence[str], problem: str) -> str:
    return _run(arguments, b"", problem).decode("utf-8", "surrogateescape")


def _run(arguments: Sequence[str], stdin: bytes, problem: str) -> bytes:
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(["git", *arguments], input=stdin, capture_output=True, timeout=_SECONDS, env=environ)
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(f"{problem}: {error}") from None
    if done.returncode:
        raise UsageError(f"{problem}; hint: `REV:path` is read from git, as in `git show REV:path`")
    return done.stdout
