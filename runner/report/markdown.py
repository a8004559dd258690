"""The report of a run as Markdown, for a pull request: the answer, the scores, and where they come from."""

from __future__ import annotations

from runner.files.tables import Align, escape_markdown, escape_rows, markdown_table
from runner.results.document import BenchmarkDocument
from runner.results.narrative import GATE_TITLES, gate_rows, gates_line, headline, paragraphs
from runner.results.provenance import provenance
from runner.results.run_facts import RunFacts
from runner.results.scoreboard import columns, rows, seconds


def report_markdown(facts: RunFacts) -> str:
    """Return the whole text, with text from the run escaped."""
    document = facts.document
    about = f"run `{document.run_id}`, {document.timestamp[:16].replace('T', ' ')} UTC"
    lines = [f"# {escape_markdown(document.name)}", "", f"**{escape_markdown(headline(document))}**", ""]
    lines += [line for text in paragraphs(document) for line in (escape_markdown(text), "")]
    lines += [*_gates(document), table(document), "", *_failures(document), f"<sub>{about}</sub>", ""]
    lines += ["<details><summary>Where this comes from</summary>", ""]
    lines += [f"- {escape_markdown(title)}: {escape_markdown(value)}" for title, value in provenance(facts)]
    lines += ["", "```sh", facts.command, "```", "", "</details>", ""]
    return "\n".join(lines)


def table(document: BenchmarkDocument) -> str:
    """Return the scoreboard as a pipe table."""
    titles = columns(document, most=6)
    body = rows(document, most=6)
    align: list[Align] = ["---:" if i != 1 else ":---" for i in range(len(titles))]
    cells = escape_rows(body)
    best = [[f"**{cell}**" if cell else "" for cell in cells[0]]] if cells else []
    return markdown_table(titles, [*best, *cells[1:]], align)


def _gates(document: BenchmarkDocument) -> list[str]:
    """Return the verdicts of the latest check, for a spec that has gates."""
    if not document.gates:
        return []
    table = markdown_table(GATE_TITLES, escape_rows(gate_rows(document.gates)))
    return [escape_markdown(gates_line(document.gates)), "", table, ""]


def _failures(document: BenchmarkDocument) -> list[str]:
    failed = [row for row in document.results if row.status == "failed"]
    lines = [f"{row.model_name} failed after {seconds(row.tuning_time)}: {row.reason or ''}" for row in failed]
    return [*(f"- {escape_markdown(line)}" for line in lines), ""] if lines else []
