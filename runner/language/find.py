"""What was typed for a spec -> its file: a path, or the name of the one experiment in `specs/` that is called so."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from runner.errors import UsageError, closest
from runner.language.compose import compose
from runner.language.nodes import Findings
from runner.language.project import find_root

SUFFIXES: Final = (".yaml", ".yml")


def find_spec(typed: Path | str) -> Path:
    """The file. Raises UsageError with what was perhaps meant, when there is none or more than one."""
    path, word = Path(typed), str(typed)
    if os.path.isdir(path):
        raise UsageError(f"{word}: this is a folder; name a spec in it")
    if os.path.exists(path):
        return path
    if path.suffix in SUFFIXES or len(path.parts) != 1:
        files = {_shown(file): _shown(file) for file in spec_files()}
        raise UsageError(f"{word}: there is no such file{near(word, files)}")
    known = list(named_specs())
    found = [file for name, file in known if name == word]
    if not found:
        meant = {file.stem: _shown(file) for _, file in known} | {name: name for name, _ in known}
        raise UsageError(f"{word}: there is no spec of that name, and no such file{near(word, meant)}")
    if len(found) > 1:
        raise UsageError(f"{word}: {' and '.join(map(_shown, found))} have this name; say which file")
    return Path(_shown(found[0]))


def named_specs() -> Iterator[tuple[str, Path]]:
    """Name of the experiment, file: of every spec in `specs/` whose name can be read."""
    for file in spec_files():
        name = compose(file, (), os.environ, Findings()).node.entries.get("name")
        if name is not None and isinstance(name.value, str):
            yield name.value, file


def spec_files() -> list[Path]:
    """The specs of the project that this folder is in; bases lie in folders of their own."""
    folder = find_root(Path("here")) / "specs"
    return sorted(file for suffix in SUFFIXES for file in folder.glob(f"[!.]*{suffix}") if file.is_file())


def near(word: str, meant: Mapping[str, str]) -> str:
    """The end of a sentence that names what was perhaps meant; `meant` is a word -> how it is shown."""
    name = closest(word, meant)
    return f"; did you mean `{meant[name]}`?" if name else ""


def _shown(file: Path) -> str:
    return os.path.relpath(file)
