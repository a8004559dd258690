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


def find_spec(spec: Path | str) -> Path:
    """Return the file of a spec. Raises UsageError, with the closest name, for none or several."""
    path, word = Path(spec), str(spec)
    if os.path.isdir(path):
        raise UsageError(f"{word}: this is a folder; name a spec in it")
    if os.path.exists(path):
        return path
    if path.suffix in SUFFIXES or len(path.parts) != 1:
        files = {_shown(file): _shown(file) for file in spec_files()}
        raise UsageError(f"{word}: there is no such file{near(word, files)}")
    specs = list(named_specs())
    matches = [file for name, file in specs if name == word]
    if not matches:
        labels = {file.stem: _shown(file) for _, file in specs} | {name: name for name, _ in specs}
        raise UsageError(f"{word}: there is no spec of that name, and no such file{near(word, labels)}")
    if len(matches) > 1:
        raise UsageError(f"{word}: {' and '.join(map(_shown, matches))} have this name; say which file")
    return Path(_shown(matches[0]))


def named_specs() -> Iterator[tuple[str, Path]]:
    """Yield (experiment, file) of every spec in `specs/` whose name can be read."""
    for file in spec_files():
        name = compose(file, (), os.environ, Findings()).node.entries.get("name")
        if name is not None and isinstance(name.value, str):
            yield name.value, file


def spec_files() -> list[Path]:
    """Return the specs of the project of the working folder, without bases."""
    folder = find_root(Path("here")) / "specs"
    return sorted(file for suffix in SUFFIXES for file in folder.glob(f"[!.]*{suffix}") if file.is_file())


def near(word: str, labels: Mapping[str, str]) -> str:
    """Return the end of a sentence that suggests the closest word; `labels` is word -> text to show."""
    name = closest(word, labels)
    return f"; did you mean `{labels[name]}`?" if name else ""


def _shown(file: Path) -> str:
    return os.path.relpath(file)
