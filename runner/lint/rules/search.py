"""FS4xx: parameters and search spaces."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

from runner.errors import Edit
from runner.language.inherit import is_trained
from runner.language.merge import WIDE_KEYS, is_wide
from runner.language.nodes import Node, Path
from runner.language.parse import Document
from runner.language.space_checks import dimensions
from runner.lint.rule import Reporter, Rule

DECADES: Final = 1000


def _dimensions(document: Document) -> Iterator[tuple[Path, Node]]:
    """Yield every dimension of every space with its path, the range inside a `zero_or` too."""
    models = document.node.at("models")
    for name, model in (models.entries if models else {}).items():
        space, path = model.at("space"), ("models", name, "space")
        if not is_trained(name, model) or space is None:
            continue
        parts = [(space.at(key), (*path, key)) for key in sorted(WIDE_KEYS)] if is_wide(space) else [(space, path)]
        for part, below in parts:
            for _, at, dimension in dimensions(part, below):
                inner = dimension.at("zero_or")
                yield (at, dimension) if inner is None else ((*at, "zero_or"), inner)


def _ranges(document: Document) -> Iterator[tuple[Path, Node, str, float, float]]:
    for path, dimension in _dimensions(document):
        for kind in ("float", "int"):
            bounds = dimension.at(kind)
            if bounds is not None:
                low, high = (item.value for item in bounds.items)
                yield path, dimension, kind, low, high


def _unreachable_top(document: Document, report: Reporter) -> None:
    for path, dimension, kind, low, high in _ranges(document):
        step = dimension.at("step")
        if step is None or step.value is None:
            continue
        steps = (high - low) / step.value
        if not math.isclose(steps, round(steps), rel_tol=1e-9, abs_tol=1e-9):
            top = low + math.floor(steps) * step.value
            message = f"steps of {step.value:g} from {low:g} never reach {high:g}"
            place = dimension.entries[kind].place
            bounds = dimension.entries[kind].items
            fix = (Edit(bounds[1].place.value, f"{top:.12g}"),)
            report.at_value(message, place, (*path, kind), f"write {high:g} as {top:.12g}", fix)


def _wide_without_log(document: Document, report: Reporter) -> None:
    for path, dimension, kind, low, high in _ranges(document):
        log, step = dimension.at("log"), dimension.at("step")
        if low > 0 and high / low >= DECADES and not (log and log.value) and step is None:
            message = f"drawn evenly from {low:g} to {high:g}, nine draws of ten are above {high / 10:g}"
            report.at_value(message, dimension.entries[kind].place, (*path, kind), "add `log: true`")


def _single_choice(document: Document, report: Reporter) -> None:
    for path, dimension in _dimensions(document):
        options = dimension.at("choice") or dimension.at("branch")
        if options is not None and len(options.items or options.entries) == 1:
            report.at_value("there is nothing to choose", options.place, path, "fix it in `params`, or add a choice")
    for path, dimension, kind, low, high in _ranges(document):
        if low == high:
            place = dimension.entries[kind].place
            report.at_value(f"the range holds only {low:g}", place, (*path, kind), "fix it in `params`, or widen it")


def _small_budget(document: Document, report: Reporter) -> None:
    trials, models = document.spec.study.budget.trials, Counter[str]()
    widest: dict[str, int] = {}
    for path, dimension in _dimensions(document):
        if path[-1] == "zero_or":
            continue  # its range is a part of it
        name = str(path[1])
        models[name] += 1
        options = dimension.at("choice") or dimension.at("branch")
        widest[name] = max(widest.get(name, 0), len(options.items or options.entries) if options else 0)
    place_path: Path = ("study", "budget", "trials")
    for name, count in models.items():
        least, what = max((count + 1, f"{count} dimensions"), (widest[name], f"{widest[name]} choices"))
        if trials < least:
            own: Path = ("models", name, "space")
            path = place_path if place_path in document.origins else own
            message = f"{trials} trial{'s' if trials > 1 else ''} cannot explore the {what} of `{name}`"
            report.at_value(message, document.origins[path], path, f"ask for {5 * least} or more, or search less")


def _space(text: str) -> str:
    return f"models: {{lightgbm: {{space: {{{text}}}}}}}"


SEARCH_RULES: Final = (
    Rule(
        "FS401",
        "error",
        "The low end is above the high end",
        "The range holds nothing.",
        _space("num_leaves: {int: [127, 7]}"),
        _space("num_leaves: {int: [7, 127]}"),
    ),
    Rule(
        "FS402",
        "error",
        "A log range from 0 or below",
        "There is no logarithm of 0. A penalty that may be off is `zero_or`.",
        _space("lambda_l1: {float: [0, 10], log: true}"),
        _space("lambda_l1: {zero_or: {float: [1e-8, 10], log: true}}"),
    ),
    Rule(
        "FS403",
        "error",
        "A log range with steps",
        "Even steps and even orders of magnitude exclude each other.",
        _space("num_leaves: {int: [7, 127], log: true, step: 8}"),
        _space("num_leaves: {int: [7, 127], log: true}"),
    ),
    Rule(
        "FS404",
        "warning",
        "Steps that leave the top unreachable",
        "The end that is written is never tried.",
        _space("num_leaves: {int: [8, 30], step: 8}"),
        _space("num_leaves: {int: [8, 32], step: 8}"),
        _unreachable_top,
        fixable=True,
    ),
    Rule(
        "FS405",
        "warning",
        "Three orders of magnitude without log",
        "Drawn evenly, a range from 0.001 to 1 is above 0.1 nine times of ten; its small values are hardly tried.",
        _space("learning_rate: {float: [0.0001, 0.3]}"),
        _space("learning_rate: {float: [0.0001, 0.3], log: true}"),
        _wide_without_log,
    ),
    Rule(
        "FS409",
        "error",
        "Fixed and searched, or searched twice",
        "One of the two would be ignored.",
        "models: {lightgbm: {params: {num_leaves: 31}, space: {num_leaves: {int: [7, 127]}}}}",
        _space("num_leaves: {int: [7, 127]}"),
    ),
    Rule(
        "FS410",
        "error",
        "The model has no such parameter",
        "Libraries ignore unknown names or warn once in a log: the search would tune nothing.",
        _space("num_leafs: {int: [7, 127]}"),
        _space("num_leaves: {int: [7, 127]}"),
    ),
    Rule(
        "FS411",
        "warning",
        "A single choice",
        "A dimension with one value costs trials and finds nothing.",
        _space("extra_trees: {choice: [true]}"),
        "models: {lightgbm: {params: {extra_trees: true}}}",
        _single_choice,
    ),
    Rule(
        "FS413",
        "warning",
        "A budget too small for the space",
        "With fewer trials than dimensions or choices, the search reports the luck of a few draws.",
        "study: {budget: {trials: 2}}\n" + _space("num_leaves: {int: [7, 127]}, max_depth: {int: [4, 12]}"),
        "study: {budget: {trials: 20}}\n" + _space("num_leaves: {int: [7, 127]}, max_depth: {int: [4, 12]}"),
        _small_budget,
    ),
    Rule(
        "FS414",
        "error",
        "A parameter that run-spec sets itself",
        "Threads, rounds, seeds and data are set so that one spec gives the same numbers for any number of workers.",
        "models: {lightgbm: {params: {n_estimators: 500}}}",
        "training: {rounds: {max: 500}}",
    ),
)
