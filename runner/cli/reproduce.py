"""Run `run-spec reproduce`: repeat a recorded run and compare."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.api.screen import Screen
from runner.cli import echo, echo_json
from runner.commands.reproduce.rerun import Verdict, reproduce
from runner.families.engines.stop import Stop
from runner.language.project import find_root


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a repetition."""
    which = "run id, MLflow run id, or an experiment's name for its latest finished run"
    parser.add_argument("run", metavar="RUN", help=which)
    parser.add_argument("--check", action="store_true", help="compare code, data and libraries only; run nothing")
    parser.add_argument("--keep", action="store_true", help="keep the scratch folder")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


def run(options: argparse.Namespace) -> int:
    """Repeat the run, print whether it is identical, and return 1 when it is not."""
    root = find_root(Path("here"))
    with Screen(quiet=options.quiet or options.json) as screen:
        verdict = reproduce(
            options.run, root, check=options.check, keep=options.keep, tell=screen, stop=Stop(by_signals=True)
        )
    if options.json:
        echo_json(_document(verdict))
    else:
        echo("\n".join(_lines(verdict)))
    return 0 if verdict.same else 1


def _lines(verdict: Verdict) -> list[str]:
    original = verdict.original
    lines = [f"original   run {original.run_id} of {original.name}, from {original.place}"]
    lines += [f"changed    {line}" for line in verdict.changed]
    if not verdict.changed:
        lines.append("unchanged  code, data, libraries and Python")
    if verdict.kept is not None:
        lines.append(f"kept       {verdict.kept}")
    if not verdict.repeated:
        return lines
    work = f"{verdict.trials} trials and {verdict.models} models, {verdict.compared:,} values compared"
    if verdict.same:
        return [*lines, f"identical  {work}"]
    count = len(verdict.differences)
    return [*lines, f"different  {verdict.differences[0]}", f"           {count:,} values differ; {work}"]


def _document(verdict: Verdict) -> dict[str, object]:
    return {
        "run_id": verdict.original.run_id,
        "name": verdict.original.name,
        "place": verdict.original.place,
        "same": verdict.same,
        "repeated": verdict.repeated,
        "changed": list(verdict.changed),
        "compared": verdict.compared,
        "n_differences": len(verdict.differences),
        "differences": [{"name": d.name, "then": d.then, "now": d.now} for d in verdict.differences[:100]],
        "kept": str(verdict.kept) if verdict.kept else None,
    }
