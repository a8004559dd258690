"""Text -> Document: one frozen spec with the places it came from, or every problem at once."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from runner.errors import Diagnostic, Span, SpecError
from runner.files.checksum import digest
from runner.language import nodes
from runner.language.checks import check
from runner.language.compose import compose
from runner.language.inherit import inherit
from runner.language.merge import Repeat
from runner.language.nodes import Findings, Node, Place
from runner.language.pydantic_errors import translate
from runner.language.sections.experiment import Experiment
from runner.language.unbuilt import check_unbuilt
from runner.values.section import as_values


@dataclass(frozen=True)
class Document:
    """A spec as parsed: its value, and where each part of it was written."""

    spec: Experiment
    path: Path
    root: Path  # of the project: paths in the spec stay inside it
    text: str  # of the file itself, as written
    tree: Mapping[str, Any]  # resolved: plain values, boosters complete, names canonical
    origins: Mapping[nodes.Path, Place]
    overridden: bool  # by `--set`: such a run writes only its own folder
    node: Node  # the resolved tree with its places
    repeated: tuple[Repeat, ...] = ()  # keys that say what is inherited anyway


def parse(
    path: Path, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = None, text: str | None = None
) -> Document:
    """Return the spec at `path`, or in `text`. Raises SpecError with every problem of every file it is made of."""
    document, diagnostics = attempt(path, overrides, environ, text)
    if document is None:
        raise SpecError(diagnostics)
    return document


def attempt(
    path: Path, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = None, text: str | None = None
) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Return the document, or None and the problems in reading order. Never raises for what a file contains."""
    findings = Findings()
    composed = compose(path, overrides, os.environ if environ is None else environ, findings, text)
    node = inherit(composed.node, findings)
    spec = _validated(node, composed.whole, findings)
    if findings.diagnostics or spec is None:
        return None, findings.sorted()
    document = Document(
        spec, path, composed.root, composed.text, node.plain(), node.origins(), bool(overrides), node,
        composed.repeated,
    )  # fmt: skip
    return document, ()


def _validated(node: Node, whole: bool, findings: Findings) -> Experiment | None:
    if not whole and not node.entries:
        return None
    spec = None
    checks = Findings(list(findings.diagnostics))
    check_unbuilt(node, checks)
    try:
        spec = Experiment.model_validate(as_values(node.plain()))
    except ValidationError as error:
        translate(error, node, checks)
    check(node, checks)
    # What could not be read may hold the key that seems to be absent.
    findings.diagnostics[:] = [d for d in checks.diagnostics if whole or d.code != "FS014"]
    return spec


def from_json(text: str) -> Experiment:
    """Return the spec of the text of `spec.model_dump_json()`. Raises ValueError for any other text."""
    return Experiment.model_validate(as_values(json.loads(text)))


def document_of(spec: Experiment, root: Path, text: str) -> Document:
    """Return the document of a spec that was resolved before, with `text` as it was written then."""
    return Document(
        spec=spec,
        path=Path(f"{spec.name}.yaml"),
        root=root,
        text=text,
        tree={},
        origins={},
        overridden=True,
        node=Node({}, Place("", Span(1, 1, 1, 1))),
    )


def spec_hash(spec: Experiment) -> str:
    """Return the sha256 of a spec's canonical JSON: equal for specs of the same meaning."""
    return digest(spec.model_dump(mode="json"))
