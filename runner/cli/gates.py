"""Run `run-spec gates`: check the gates of finished runs from their results documents."""

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
    """Add the arguments of a check of gates."""
    parser.add_argument("targets", nargs="+", metavar="SPEC|NAME", help="specs, folders of them, or experiments' names")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--summary", action="store_true", help="Markdown for a pull request")
    form.add_argument("--json", action="store_true", help="the verdicts as JSON")
    parser.add_argument("--write", action="store_true", help="write the summary to results/gates/<name>.md, too")


def run(options: argparse.Namespace) -> int:
    """Check the gates of each target, and return 6 when one failed; unknown verdicts do not count."""
    codes, checked = [], []
    for target in (target for path in options.targets for target in _specs_in(path)):
        try:
            challenger = find_challenger(target)
            verdicts = challenger.verdicts()
        except RunSpecError as error:
            codes.append(report_error(error))
            continue
        if options.write:
            challenger.store.write_gates(challenger.name, summary(challenger.document, verdicts))
        codes.append(_FAILED if together(verdicts) == "failed" else 0)
        checked.append((challenger, verdicts))
        if not options.json:
            echo(
                summary(challenger.document, verdicts).rstrip() if options.summary else gate_lines(challenger, verdicts)
            )
    if options.json:
        echo_json([_document(challenger, verdicts) for challenger, verdicts in checked])
    return combine_exit_codes(codes)


def _specs_in(target: str) -> list[str]:
    """Return the specs in a folder; any other target as it is."""
    return [str(spec) for spec in specs_at(Path(target))] if Path(target).is_dir() else [target]


def gate_lines(challenger: Challenger, verdicts: tuple[GateVerdict, ...]) -> str:
    """Return a line for each gate."""
    rows = [f"  {verdict.verdict:<8} {verdict.gate}: {verdict.reason}" for verdict in verdicts]
    return "\n".join([f"{challenger.name}  run {challenger.document.run_id}", *(rows or ["  no gates in its spec"])])


def _document(challenger: Challenger, verdicts: tuple[GateVerdict, ...]) -> dict[str, object]:
    return {
        "name": challenger.name,
        "run_id": challenger.document.run_id,
        "verdict": together(verdicts) if verdicts else None,
        "gates": [verdict.model_dump(mode="json") for verdict in verdicts],
    }
