"""The end of a run on the command line: the closing scoreboard and where everything is."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from runner.results.scoreboard import columns, rows, verdict
from runner.run.launch import Outcome


def final_report(outcome: Outcome) -> Group:
    """Return the scoreboard, the verdict, and the places of all files."""
    document = outcome.document
    table = Table(title=f"{document.name}  run {document.run_id}", title_justify="left", box=None, pad_edge=False)
    for number, title in enumerate(columns(document)):
        table.add_column(title, justify="left" if number == 1 else "right", no_wrap=True)
    for row, result in zip(rows(document), document.results, strict=True):
        style = "dim" if result.status == "failed" else "bold" if result.rank == 1 else None
        table.add_row(*(escape(cell) for cell in row), style=style)
    lines: list[RenderableType] = [table, "", escape(verdict(document))]
    lines += [escape(f"{row.model_name} failed: {row.reason}") for row in document.results if row.status == "failed"]
    if document.test_looks > 1:
        lines.append(f"{document.test_looks} different runs have now looked at these test windows.")
    return Group(*lines, *file_lines(outcome))


def file_lines(outcome: Outcome) -> list[str]:
    """Return lines with the places of all files."""
    results = "none: a run with --set writes its own folder only" if outcome.benchmark is None else outcome.benchmark
    lines = [f"results   {results}"]
    lines.append(f"folder    {outcome.folder}")
    if not outcome.fresh:
        lines.append(
            "Nothing to do: the run is finished. `--force` runs it again, a larger `study.budget` continues it."
        )
    return [escape(line) for line in (*lines, *outcome.notes)]
