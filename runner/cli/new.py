"""Run `run-spec new DATA`: draft a commented spec from a data file."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from runner.cli import echo, use_color
from runner.commands.new.hints import Answer, Question, names_of, take_guess
from runner.commands.new.inspect import Draft, check_draft, draft, unit
from runner.commands.new.roles import BEYOND
from runner.commands.new.text import spec_text
from runner.errors import StoreError, UsageError
from runner.files.atomic import write_bytes
from runner.language.project import confine, data_roots, find_root
from runner.lint import render

KEYS: Final[Mapping[str, str]] = {
    "time": "time column, or date and hour columns separated by commas",
    "series": "id columns, separated by commas",
    "target": "column to forecast",
    "known": "columns known for the future, separated by commas",
    "horizon": "steps ahead",
}
"""Question -> help of its option."""
_LACKS: Final = "; not all have values beyond the data yet, which `run-spec forecast` will need (data.future)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a draft."""
    parser.add_argument("data", type=Path, metavar="DATA", help="a .csv or .parquet file inside the project")
    parser.add_argument("-y", "--yes", action="store_true", help="accept every guess without asking")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="SPEC",
        help="file to write; default: specs/<name>.yaml, or next to pyproject.toml without a folder specs",
    )
    parser.add_argument("--force", action="store_true", help="overwrite an existing spec")
    for key, text in KEYS.items():
        parser.add_argument(f"--{key}", help=text)


def run(options: argparse.Namespace) -> int:
    """Write the spec, print the guesses, and return 1 when the linter finds a mistake."""
    root = find_root(options.output or Path("spec.yaml"))
    written = path_in_project(options.data, root)
    sketch = draft(options.data, written, root, _answers(options))
    path = options.output or _default_path(sketch.name)
    if path.exists() and not options.force:
        raise UsageError(f"{path}: the file exists; hint: choose another with -o, or overwrite it with --force")
    _write(path, spec_text(sketch, _schema(path, root)))
    echo("\n".join(summary(sketch, path)))
    problems = check_draft(path)
    if problems:
        echo(render(problems, "text", colour=use_color()))
    return 1 if any(problem.severity == "error" for problem in problems) else 0


def path_in_project(data: Path, root: Path) -> str:
    """Return the path as a spec of that project writes it. Raises UsageError where no spec may read."""
    if not data.exists():
        raise UsageError(f"{data}: there is no such file")
    reason = confine(data, data_roots(root))
    if reason:
        hint = f"copy it to {root.name}/data/, or allow its folder in [tool.run-spec] data_roots of pyproject.toml"
        raise UsageError(f"{data}: {reason} {root}; hint: {hint}" if "outside" in reason else f"{data}: {reason}")
    return Path(os.path.relpath(data.absolute(), root)).as_posix()


def summary(sketch: Draft, path: Path) -> list[str]:
    """Return the guesses, one line each."""
    task, roles = sketch.task, {place: [r.name for r in sketch.roles if r.place == place] for place in
                               ("known", "observed", "static", "ignore")}  # fmt: skip
    lacking = any(role.place == "known" and role.why != BEYOND for role in sketch.roles)
    rows = [
        ("time", f"{', '.join(sketch.clock.names)} ({sketch.freq or 'whole steps'}"
         + (f", written {sketch.clock.tree['time_format']})" if "time_format" in sketch.clock.tree else ")")),
        ("series", f"{', '.join(sketch.series) or 'one'} ({sketch.n_series:,})"),
        ("target", f"{sketch.target} ({sketch.target_why})"),
        *((place, _few(names) + (_LACKS if place == "known" and lacking else "")) for place, names in roles.items()
          if names),
        ("season", ", ".join(str(season) for season in task.seasons) or "none"),
        ("horizon", f"{task.horizon} {unit(sketch.freq)}; {task.tuning} windows to tune, {task.test} to test"),
        ("baseline", sketch.baseline),
    ]  # fmt: skip
    lines = [f"{path} drafted from {sketch.file}", *(f"  {key:<9} {text}" for key, text in rows)]
    return [*lines, f"Next: `run-spec plan {path}`, then `run-spec {path}`."]


def _few(names: list[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _answers(options: argparse.Namespace) -> Answer:
    """Return what answers a question: the option, else the person at the terminal, else the guess."""
    asks = not options.yes and sys.stdin.isatty() and sys.stdout.isatty()

    def answer(question: Question) -> str:
        option = getattr(options, question.key)
        if option is not None:
            return _checked(str(option), question)
        return prompt(question) if asks else take_guess(question)

    return answer


def prompt(question: Question) -> str:
    """Ask until the answer is valid; an empty line accepts the guess, `-` means none."""
    while True:
        sys.stdout.write(f"{question.text} [{question.guess or 'none'}] ({question.why}) ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        text = line.strip()
        if not text:
            return question.guess
        try:
            return _checked("" if text == "-" and question.many else text, question)
        except UsageError as error:
            echo(f"  {error}")


def _checked(text: str, question: Question) -> str:
    names = names_of(text) if question.many else (text,)
    wrong = next((name for name in names if question.known and name not in question.known), None)
    if wrong is not None:
        raise UsageError(f"--{question.key}: there is no column `{wrong[:60]}` to choose; hint: "
                         f"{_few(list(question.known), 20)}")  # fmt: skip
    return ", ".join(names)


def _default_path(name: str) -> Path:
    """Return the path in `specs/` where the project has it, relative to the working folder."""
    root = find_root(Path("spec.yaml"))
    folder = root / "specs" if (root / "specs").is_dir() else root
    return Path(os.path.relpath(folder / f"{name}.yaml"))


def _schema(path: Path, root: Path) -> str | None:
    schema = root / "schemas" / "experiment.v1.schema.json"
    return Path(os.path.relpath(schema, path.absolute().parent)).as_posix() if schema.is_file() else None


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror})") from None
    write_bytes(path, text.encode())
