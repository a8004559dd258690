"""The report of a run as Markdown, for a pull request: the answer, the scores, and where they come from."""

from __future__ import annotations

import re

from runner.results.document import BenchmarkDocument
from runner.results.narrative import GATE_TITLES, gate_rows, gates_line, headline, paragraphs
from runner.results.provenance import provenance
from runner.results.run_facts import RunFacts
from runner.results.scoreboard import columns, rows, seconds

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|!~@&])")


def report_markdown(facts: RunFacts) -> str:
    """The whole text. What comes from a run is escaped."""
    document = facts.document
    about = f"run `{document.run_id}`, {document.timestamp[:16].replace('T', ' ')} UTC"
    lines = [f"# {plain(document.name)}", "", f"**{plain(headline(document))}**", ""]
    lines += [plain(text) for text in _spaced(paragraphs(document))]
    lines += [*_gates(document), *table(document), "", *_failures(document), f"<sub>{about}</sub>", ""]
    lines += ["<details><summary>Where this comes from</summary>", ""]
    lines += [f"- {plain(title)}: {plain(value)}" for title, value in provenance(facts)]
    lines += ["", "```sh", facts.command, "```", "", "</details>", ""]
    return "\n".join(lines)


def table(document: BenchmarkDocument) -> list[str]:
    """The scoreboard as lines of a pipe table."""
    titles = columns(document, most=6)
    body = rows(document, most=6)
    align = ["---:" if i != 1 else ":---" for i in range(len(titles))]
    lines = [_row(titles), _row(align, escape=False)]
    lines += [_row([f"**{cell}**" if cell else "" for cell in map(plain, body[0])], escape=False)] if body else []
    return lines + [_row(row) for row in body[1:]]


def _gates(document: BenchmarkDocument) -> list[str]:
    """The verdicts as the run was judged last, for a spec that has gates."""
    if not document.gates:
        return []
    lines = [_row(list(GATE_TITLES)), _row([":---"] * len(GATE_TITLES), escape=False)]
    lines += [_row(row) for row in gate_rows(document.gates)]
    return [plain(gates_line(document.gates)), "", *lines, ""]


def plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", text).replace("\n", " ")


def _row(cells: list[str], *, escape: bool = True) -> str:
    return f"| {' | '.join(plain(cell) if escape else cell for cell in cells)} |"


def _spaced(texts: list[str]) -> list[str]:
    return [line for text in texts for line in (text, "")]


def _failures(document: BenchmarkDocument) -> list[str]:
    failed = [row for row in document.results if row.status == "failed"]
    lines = [
        f"- {plain(row.model_name)} failed after {seconds(row.tuning_time)}: {plain(row.reason or '')}"
        for row in failed
    ]
    return [*lines, ""] if lines else []
