"""The results of a run as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from runner.results.document import BenchmarkDocument, GateVerdict
from runner.results.narrative import GATE_TITLES, gate_rows
from runner.results.scoreboard import columns, rows, verdict


def summary(document: BenchmarkDocument, verdicts: Sequence[GateVerdict]) -> str:
    """A heading, the answer in one sentence, the gates and the scoreboard."""
    parts = [f"### {escaped(document.name)}", escaped(verdict(document))]
    if verdicts:
        parts.append(table(GATE_TITLES, gate_rows(verdicts)))
    parts.append(table(columns(document), rows(document)))
    parts.append(f"Run `{document.run_id}`, {document.timestamp}.")
    return "\n\n".join(parts) + "\n"


def table(titles: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """A table of GitHub's Markdown."""
    lines = [_line(titles), _line(["---"] * len(titles))]
    return "\n".join([*lines, *(_line(row) for row in cells)])


def escaped(text: str) -> str:
    """The text with what Markdown or HTML would take as its own made harmless."""
    for special in "\\`*_|[]":
        text = text.replace(special, f"\\{special}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join("---" if cell == "---" else escaped(cell) for cell in cells) + " |"
