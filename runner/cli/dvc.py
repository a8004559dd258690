"""Run `run-spec dvc`: generate dvc.yaml from the specs."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import echo
from runner.commands.dvc.stages import FILE, generate
from runner.files.atomic import write_text
from runner.language.project import find_root


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the generator."""
    parser.add_argument("specs", nargs="*", type=Path, metavar="SPEC", help="specs to add to the pipeline")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if dvc.yaml is outdated")


def run(options: argparse.Namespace) -> int:
    """Write dvc.yaml, or check it."""
    root = find_root(Path("here"))
    text, path = generate(root, options.specs, _silent if options.check else echo), root / FILE
    current = path.is_file() and path.read_text(encoding="utf-8") == text
    if options.check:
        echo(f"{FILE} is up to date" if current else f"{FILE} is not up to date; hint: run-spec dvc")
        return 0 if current else 1
    if not current:
        write_text(path, text)
    echo(f"{FILE} {'is up to date' if current else 'written'}; {_next(root)}")
    return 0


def _next(root: Path) -> str:
    if any((folder / ".dvc").is_dir() for folder in (root, *root.parents)):
        return "`dvc repro` runs what has changed"
    return "`dvc init` makes this a DVC project (in a Git repository), then `dvc repro` runs what has changed"


def _silent(_text: str) -> None:
    """Ignore the progress of a check."""
