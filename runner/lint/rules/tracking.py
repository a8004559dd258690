"""FS6xx: what is written down, where it ends up, and what it must pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from runner.errors import Span
from runner.language.nodes import Node, Path
from runner.language.parse import Document
from runner.lint.rule import Reporter, Rule
from runner.lint.texts import texts

LONGEST_TAG: Final = 5000
LONGEST_KEY: Final = 250
_TAGS: Final[Path] = ("tracking", "tags")
_TAG_KEY: Final = re.compile(r"[/\w.\- :]+")
_SECRETS: Final = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY"),
        ("an access key of AWS", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
        ("a token of GitHub", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
        ("a token of GitLab", r"\bglpat-[A-Za-z0-9_-]{20,}"),
        ("a token of Slack", r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
        ("a key of Google", r"\bAIza[0-9A-Za-z_-]{35}\b"),
        ("a token of Databricks", r"\bdapi[0-9a-f]{32}\b"),
        ("a token of Hugging Face", r"\bhf_[A-Za-z0-9]{30,}"),
        ("a secret key", r"\b(?:sk|rk)[-_](?:live_|ant-|proj-)?[A-Za-z0-9]{20,}"),
        ("a signed token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
        ("a password in an address", r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"]*:[^\s/@'\"]+@"),
    )
)
_SECRET_NAME: Final = re.compile(r"(?i)(?:^|[._-])(?:password|passwd|secret|token|api[_-]?key|credentials?)$")
_DVC_NAMES: Final = ("size", "nfiles")
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")


def _secrets(document: Document, report: Reporter) -> None:
    """Report secrets, in comments too: both are visible in the repository."""
    for file, text in texts(document):
        for what, match in ((what, match) for what, pattern in _SECRETS for match in pattern.finditer(text)):
            before = _NEWLINE.split(text[: match.start()])
            line, col = len(before), len(before[-1]) + 1
            span = Span(line, col, line, col + len(match[0]))
            report.add(f"this looks like {what}", span, file, (), _SECRET_HELP)
    for key, value in _tags(document):
        if _SECRET_NAME.search(key) and isinstance(value.value, str) and value.value and not value.env:
            report.at_value(f"the tag `{key}` holds a secret by its name", value.place, (*_TAGS, key), _SECRET_HELP)


_SECRET_HELP: Final = "revoke it, and let the environment hold the new one: tags are for everyone to read"


def _tags(document: Document) -> Iterator[tuple[str, Node]]:
    tags = document.node.at(*_TAGS)
    yield from (tags.entries if tags else {}).items()


def _dvc_names(document: Document, report: Reporter) -> None:
    for path, node in document.node.walk():
        if path and path[-1] in _DVC_NAMES and node.place.key is not None:
            message = f"DVC's run cache does not see parameters named `{path[-1]}`"
            report.at_key(message, node.place, path, "choose another name, so that a change of it is noticed")


def _limits(document: Document, report: Reporter) -> None:
    for key, value in _tags(document):
        path = (*_TAGS, key)
        if not names_a_tag(key):
            help = f"use letters, digits and `_ . - / :` and blanks, at most {LONGEST_KEY}"
            report.at_key("MLflow refuses this name of a tag", value.place, path, help)
        if isinstance(value.value, str) and len(value.value) > LONGEST_TAG:
            message = f"a tag of {len(value.value):,} characters is cut off after {LONGEST_TAG:,}"
            report.at_value(message, value.place, path, "keep long texts in `description` or in a file")


def names_a_tag(key: str) -> bool:
    """Return whether MLflow accepts a name for a tag."""
    return len(key) <= LONGEST_KEY and _TAG_KEY.fullmatch(key) is not None


def _shared_name(document: Document, before: Sequence[Document], report: Reporter) -> None:
    name = document.spec.name
    other = next((one for one in before if one.spec.name == name and _are_two(one, document)), None)
    if other is not None:
        message = f"`{other.path}` has the name `{name}` too: the later run takes the place of the other's results"
        help = "give each its own name"
        report.at_value(message, document.origins[("name",)], ("name",), help)


def _are_two(one: Document, other: Document) -> bool:
    """Return whether two specs are different files of one project."""
    return one.root == other.root and one.path.resolve() != other.path.resolve()


TRACKING_RULES: Final = (
    Rule(
        "FS601",
        "error",
        "A secret in the spec",
        "A spec is committed, logged to MLflow and copied into every run folder. The line is not shown again.",
        "tracking: {tags: {api_key: 4f6e2a}}",
        "tracking: {server: {env: MLFLOW_TRACKING_URI}}",
        _secrets,
    ),
    Rule(
        "FS602",
        "warning",
        "A key that DVC's run cache does not see",
        "Where a spec is a parameter file of a DVC stage, keys named `size` and `nfiles` are taken for file metadata: "
        "a change of them is not noticed.",
        "tracking: {tags: {size: large}}",
        "tracking: {tags: {extent: large}}",
        _dvc_names,
    ),
    Rule(
        "FS603",
        "warning",
        "A tag beyond MLflow's limits",
        "MLflow refuses some names of tags and long ones; long values are cut.",
        'tracking: {tags: {"cost (EUR)": "12"}}',
        "tracking: {tags: {cost.eur: '12'}}",
        _limits,
    ),
    Rule(
        "FS607",
        "error",
        "A gate on what the scoreboard does not have",
        "A gate that cannot be judged would hold every model back, or none.",
        "gates: [{metric: smape, better_than: seasonal_naive}]",
        "gates: [{metric: wape, better_than: seasonal_naive}]",
    ),
    Rule(
        "FS608",
        "warning",
        "Two specs with one name",
        "The name is the place of the results document, of what is published and of the experiment: of two specs with "
        "one name, the one that runs later takes the place of the other. Specs that are linted together are compared.",
        "name: sound",
        "name: louder",
        compare=_shared_name,
    ),
)
