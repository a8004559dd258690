"""Write the results of a run as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from runner.files.tables import escape_markdown, escape_rows, markdown_table
from runner.results.document import BenchmarkDocument, GateVerdict
from runner.results.narrative import GATE_TITLES, gate_rows
from runner.results.scoreboard import columns, rows, verdict


def summary(document: BenchmarkDocument, verdicts: Sequence[GateVerdict]) -> str:
    """Return a heading, the result in one sentence, the gates and the scoreboard."""
    parts = [f"### {escape_markdown(document.name)}", escape_markdown(verdict(document))]
    if verdicts:
        parts.append(markdown_table(GATE_TITLES, escape_rows(gate_rows(verdicts))))
    parts.append(markdown_table(columns(document), escape_rows(rows(document))))
    parts.append(f"Run `{document.run_id}`, {document.timestamp}.")
    return "\n\n".join(parts) + "\n"
