"""Spec -> diagnostics: what stops it from being understood, or else what is unwise."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from runner.errors import Diagnostic, UsageError
from runner.language import nodes
from runner.language.nodes import Findings, Place
from runner.language.parse import Document, attempt
from runner.language.project import find_root
from runner.lint.facts import CheckData, DataFacts, DataProblem
from runner.lint.policy import Policy, read_policy
from runner.lint.registry import RULES
from runner.lint.rule import Reporter
from runner.lint.suppress import Suppression, suppressed, suppressions
from runner.lint.texts import texts

_ENDINGS = (".yaml", ".yml")
Adjust = Callable[[Policy], Policy]


def lint(
    path: Path,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    check_data: CheckData | None = None,
    text: str | None = None,
) -> tuple[Diagnostic, ...]:
    """Return every problem of a spec, in reading order. Raises for nothing that a file contains.

    Reads no data unless `check_data` is handed in, and then raises what `check_data` raises. With `text` the spec is
    that text, and `path` says where its bases are.
    """
    document, problems = attempt(path, overrides, environ, text)
    return problems if document is None else judge(document, policy, check_data)


def lint_paths(
    paths: Sequence[Path], adjust: Adjust | None = None, check_data: CheckData | None = None
) -> tuple[Diagnostic, ...]:  # fmt: skip
    """Return every problem of files, globs and folders, by the policy of each spec's project.

    A file below a folder whose name begins with `_` or `.` is no experiment: it is judged with the specs that
    extend it. Raises UsageError for a path that leads to no spec.
    """

    @cache
    def policy(root: Path) -> Policy:
        return adjust(read_policy(root)) if adjust else read_policy(root)

    specs = dict.fromkeys(spec for path in paths for spec in specs_at(path))
    diagnostics: list[Diagnostic] = []
    before: list[Document] = []
    for spec in specs:
        document, problems = attempt(spec)
        diagnostics += problems if document is None else judge(document, policy(find_root(spec)), check_data, before)
        before += [document] if document else []
    return tuple(dict.fromkeys(diagnostics))  # several specs may inherit one problem


def judge(
    document: Document,
    policy: Policy | None = None,
    check_data: CheckData | None = None,
    before: Sequence[Document] | None = None,
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of the rules for a valid spec; with `before`, those of comparing with earlier specs."""
    policy = policy or Policy()
    codes = {code for code, rule in RULES.items() if policy.applies(code) and (check_data or not rule.needs_data)}
    if before is None:  # a comment that ignores such a rule is not needless without the comparison
        codes -= {code for code, rule in RULES.items() if rule.compare}
    findings = Findings([d for d in _advice(document, check_data, before or ()) if d.code in codes])
    comments: list[Suppression] = []
    if findings.diagnostics or "lint:" in document.text:
        comments = [comment for file, text in texts(document) for comment in suppressions(text, file)]
    findings.diagnostics = list(suppressed(findings.diagnostics, comments, str(document.path), codes))
    return tuple(policy.weighed(diagnostic) for diagnostic in findings.sorted())


def _advice(document: Document, check_data: CheckData | None, before: Sequence[Document]) -> Iterator[Diagnostic]:
    facts = check_data(document) if check_data else None
    if isinstance(facts, tuple):
        yield from (_problem(document, problem) for problem in facts)
    for rule in RULES.values():
        reporter = Reporter(rule)
        if rule.check is not None:
            rule.check(document, reporter)
        if rule.judge is not None and isinstance(facts, DataFacts):
            rule.judge(document, facts, reporter)
        if rule.compare is not None:
            rule.compare(document, before, reporter)
        yield from reporter.diagnostics()


def _problem(document: Document, problem: DataProblem) -> Diagnostic:
    """Return the finding of a data problem, at the key that it is about."""
    path = _narrowed(document, problem)
    reporter = Reporter(RULES[problem.code])
    reporter.at_value(problem.message, place_of(document, path), path)
    (diagnostic,) = reporter.diagnostics()
    return diagnostic


def _narrowed(document: Document, problem: DataProblem) -> nodes.Path:
    """Return the path of the list item that names the column, else of the list."""
    node = document.node.at(*problem.path)
    for index, item in enumerate(node.items if node else []):
        if problem.column and item.value == problem.column:
            return (*problem.path, index)
    return problem.path


def place_of(document: Document, path: nodes.Path) -> Place:
    """Return the place of a path, or of the nearest section around it."""
    while path not in document.origins:
        path = path[:-1]
    return document.origins[path]


def specs_at(path: Path) -> list[Path]:
    """Return the specs of a file, a glob or a folder, without bases. Raises UsageError when no file matches."""
    if path.is_dir():
        return _in_folder(path)
    if path.exists() or path.is_symlink():
        return [] if _is_base(path) else [path]
    matches = sorted(glob.glob(str(path), recursive=True)) if glob.has_magic(str(path)) else []
    if not matches:
        raise UsageError(f"{path}: there is no such file or folder")
    return [spec for match in matches for spec in specs_at(Path(match))]


def _in_folder(folder: Path) -> list[Path]:
    specs: list[Path] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name[0] not in "_."]
        specs += [Path(parent, name) for name in files if name.endswith(_ENDINGS) and name[0] not in "_."]
    if not specs:
        raise UsageError(f"{folder}: there are no specs (.yaml) in this folder")
    return [] if _is_base(folder / "any") else sorted(specs)


def _is_base(path: Path) -> bool:
    """Return whether a file is in a folder of bases of its project."""
    folder, root = path.absolute().parent.resolve(), find_root(path)
    return folder.is_relative_to(root) and any(part.startswith("_") for part in folder.relative_to(root).parts)
