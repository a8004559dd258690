"""Rules -> text: one for the terminal, all of them as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.errors import UsageError, closest
from runner.files.tables import markdown_table
from runner.lint.registry import LEFT_OUT, RULES
from runner.lint.rule import Rule

FAMILIES: Final = {
    "FS00": "The text",
    "FS01": "Keys and composition",
    "FS1": "Data",
    "FS2": "Leakage",
    "FS3": "The task",
    "FS4": "Search",
    "FS5": "The run",
    "FS6": "Tracking and gates",
}
"""Beginning of a code -> what the rules that begin so are about."""
_HEAD: Final = """\
# The rules of `run-spec lint`

Made by `run-spec lint --rules > docs/rules/README.md` from the rules themselves; tests run every example. An example is
laid over a small sound spec. "Reads data" rules are judged by `run-spec lint --data`, which reads the files that a spec
names; without it no data are opened. FS608 compares the specs of one call; its examples are linted together with the
sound spec, whose name is `sound`. What is "fixed" is rewritten by `run-spec lint --fix`, and shown by `--diff`.

A rule can be ignored in place, with a reason, after a value or on the line above a key (then with all below it):

```yaml
forecast:
  season: 10  # lint: ignore[FS302] our promotions run every ten weeks
```

or in `pyproject.toml`, where the beginning of a code selects all that begin so:

```toml
[tool.run-spec.lint]
ignore = ["FS304"]
severity = {FS302 = "error", FS5 = "info"}
```

`--select FS3`, `--ignore FS304` and `--strict` (warnings are errors) do the same for one call. Rules marked "always"
cannot be ignored: without them a spec, or its data, is not understood.
"""


def explain(code: str) -> str:
    """Return one rule for the terminal. Raises UsageError for an unknown code."""
    if code not in RULES:
        close = closest(code.upper(), RULES)
        raise UsageError(f"there is no rule {code}" + (f"; did you mean {close}?" if close else ""))
    rule = RULES[code]
    examples = f"Bad:\n\n{_indented(rule.bad)}\n\nGood:\n\n{_indented(rule.good)}"
    return f"{rule.code} ({', '.join(_properties(rule))}): {rule.summary}\n\n{rule.why}\n\n{examples}"


def page() -> str:
    """Return the content of `docs/rules/README.md`."""
    return "\n".join([_HEAD, _table(), "", *_sections(), *_left_out()])


def _table() -> str:
    rows = []
    for rule in RULES.values():
        marks = (rule.needs_data, rule.fixable, not rule.advises)
        link = f"[{rule.code}](#{rule.code.lower()})"
        rows.append((link, rule.summary, rule.severity, *("yes" if mark else "" for mark in marks)))
    return markdown_table(("rule", "what it finds", "severity", "reads data", "fixable", "always"), rows)


def _sections() -> Iterator[str]:
    family = ""
    for rule in RULES.values():
        own = next(title for start, title in FAMILIES.items() if rule.code.startswith(start))
        if own != family:
            yield f"## {own}\n"
            family = own
        yield f"### {rule.code}\n\n**{rule.summary}** ({', '.join(_properties(rule))}). {rule.why}\n"
        yield f"Bad:\n\n```yaml\n{rule.bad}\n```\n\nGood:\n\n```yaml\n{rule.good}\n```\n"


def _left_out() -> Iterator[str]:
    yield "## Left out\n"
    yield from (f"* {codes}: {why}." for codes, why in LEFT_OUT.items())
    yield ""


def _properties(rule: Rule) -> Iterator[str]:
    yield rule.severity
    if rule.needs_data:
        yield "reads data"
    if rule.fixable:
        yield "fixed by --fix"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
