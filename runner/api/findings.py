"""What `plan` and `lint` return: values that a notebook shows as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from runner.errors import Diagnostic


@dataclass(frozen=True, repr=False)
class PlanReport:
    """What a run would do: the lines of `run-spec plan`, and the same as a document."""

    lines: tuple[str, ...]
    document: Mapping[str, Any]

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def __repr__(self) -> str:
        models = ", ".join(model["name"] for model in self.document["models"])
        return f"<PlanReport of run {self.document['run_id']}: {self.document['fits']} fits of {models}>"

    def _repr_html_(self) -> str:
        rows = [line.partition(" ")[::2] for line in self.lines]
        return html_table((), [(head, rest.strip()) for head, rest in rows])


class LintReport(tuple[Diagnostic, ...]):
    """The problems of a spec, in reading order; empty when there are none."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def __repr__(self) -> str:
        counts = {severity: sum(one.severity == severity for one in self) for severity in ("error", "warning", "info")}
        return f"<LintReport: {', '.join(f'{n} {name}' for name, n in counts.items() if n) or 'no problems'}>"

    def _repr_html_(self) -> str:
        if not self:
            return "<p>no problems</p>"
        rows = [(f"{d.file}:{d.span.line}", d.severity, d.code, d.path, d.message, d.help) for d in self]
        return html_table(("place", "severity", "rule", "key", "problem", "hint"), rows)


def html_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return an HTML table with escaped cells."""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if heads else ''}<tbody>{body}</tbody></table>"
