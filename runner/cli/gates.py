"""`run-spec gates`: the gates of finished runs, judged from their results documents as things stand now."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import combine_exit_codes, echo, echo_json, report_error
from runner.commands.gates import find_challenger
from runner.errors import RunSpecError
from runner.lint import specs_at
from runner.results.document import GateVerdict
from runner.results.gates import together
from runner.results.summary import summary
from runner.run.gates import Challenger

_FAILED = 6


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of a judgement."""
    parser.add_argument("targets", nargs="+", metavar="SPEC|NAME", help="specs, folders of them, or experiments' names")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--summary", action="store_true", help="Markdown for a pull request")
    form.add_argument("--json", action="store_true", help="the verdicts as JSON")
    parser.add_argument("--write", action="store_true", help="write the summary to results/gates/<name>.md, too")


def run(options: argparse.Namespace) -> int:
    """Judge each; 6 when a gate failed. What is unknown is said, and fails nothing."""
    codes, judged = [], []
    for target in (one for typed in options.targets for one in _within(typed)):
        try:
            challenger = find_challenger(target)
            verdicts = challenger.verdicts()
        except RunSpecError as error:
            codes.append(report_error(error))
            continue
        if options.write:
            challenger.store.write_gates(challenger.name, summary(challenger.document, verdicts))
        codes.append(_FAILED if together(verdicts) == "failed" else 0)
        judged.append((challenger, verdicts))
        if not options.json:
            echo(summary(challenger.document, verdicts).rstrip() if options.summary else lines(challenger, verdicts))
    if options.json:
        echo_json([_document(challenger, verdicts) for challenger, verdicts in judged])
    return combine_exit_codes(codes)


def _within(typed: str) -> list[str]:
    """The specs in a folder, else what was typed."""
    return [str(spec) for spec in specs_at(Path(typed))] if Path(typed).is_dir() else [typed]


def lines(challenger: Challenger, verdicts: tuple[GateVerdict, ...]) -> str:
    """A line for each gate."""
    told = [f"  {verdict.verdict:<8} {verdict.gate}: {verdict.reason}" for verdict in verdicts]
    return "\n".join([f"{challenger.name}  run {challenger.document.run_id}", *(told or ["  no gates in its spec"])])


def _document(challenger: Challenger, verdicts: tuple[GateVerdict, ...]) -> dict[str, object]:
    return {
        "name": challenger.name,
        "run_id": challenger.document.run_id,
        "verdict": together(verdicts) if verdicts else None,
        "gates": [verdict.model_dump(mode="json") for verdict in verdicts],
    }
