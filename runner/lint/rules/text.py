"""FS001-FS008: the text itself, before it means anything."""

from __future__ import annotations

from typing import Final

from runner.language.inherit import is_trained
from runner.language.nodes import Node
from runner.language.parse import Document
from runner.language.scalars import look_alike
from runner.language.space_checks import dimensions, params_space
from runner.lint.rule import Reporter, Rule


def _number_like(document: Document, report: Reporter) -> None:
    models = document.node.at("models")
    for name, model in (models.entries if models else {}).items():
        if not is_trained(name, model):
            continue
        params = model.at("params")
        for key, value in (params.entries if params else {}).items():
            _judge(value, ("models", name, "params", key), report)
        space, path = params_space(model, ("models", name, "space"))
        for _, at, dimension in dimensions(space, path):
            choice = dimension.at("choice")
            for index, value in enumerate(choice.items if choice else []):
                _judge(value, (*at, "choice", index), report)


def _judge(value: Node, path: tuple[str | int, ...], report: Reporter) -> None:
    if not isinstance(value.value, str) or not value.quoted:
        return
    number = look_alike(value.value)
    if isinstance(number, int | float) and not isinstance(number, bool):
        message = f"`{value.value}` in quotes is text, not a number"
        report.at_value(message, value.place, path, "drop the quotes")


TEXT_RULES: Final = (
    Rule(
        "FS001",
        "error",
        "The file is not YAML",
        "A parser that guesses would run another experiment than the one that was meant.",
        "forecast: {horizon: 13",
        "forecast: {horizon: 13}",
    ),
    Rule(
        "FS002",
        "error",
        "A key is set twice",
        "Most YAML readers keep the last one in silence. Two aliases of one parameter count as the same key.",
        "forecast:\n  horizon: 13\n  horizon: 26",
        "forecast:\n  horizon: 26",
    ),
    Rule(
        "FS003",
        "warning",
        "A number stands in quotes",
        "In quotes it is text. Where a number is needed this is an error; where text is allowed too, it is a warning.",
        'models: {lightgbm: {params: {learning_rate: "0.1"}}}',
        "models: {lightgbm: {params: {learning_rate: 0.1}}}",
        _number_like,
        fixable=True,
    ),
    Rule(
        "FS004",
        "error",
        "A value that readers of YAML take for different things",
        "`012` is 10 for YAML 1.1 and 12 for YAML 1.2; `yes` is a boolean for one, text for the other.",
        "features: {ids: yes}",
        "features: {ids: true}",
        fixable=True,
    ),
    Rule(
        "FS005",
        "error",
        "A tag, an anchor, an alias or a merge key",
        "Tags can name code, and aliases hide what a spec says. `extends` shares settings in the open.",
        "features: &common {lags: [1, 2]}",
        "features: {lags: [1, 2]}",
    ),
    Rule(
        "FS006",
        "error",
        "Too big, too deep, or with characters that hide what it says",
        "Text that exhausts a reader or misleads a reviewer is refused before anything is made of it.",
        "description: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "description: short and shallow",
    ),
    Rule(
        "FS007",
        "warning",
        "A suppression without a rule or a reason",
        "The next reader should know why, and what else it might hide.",
        "forecast: {season: 10}  # lint: ignore[FS302]",
        "forecast: {season: 10}  # lint: ignore[FS302] a promotion runs every ten weeks",
        optional=True,
    ),
    Rule(
        "FS008",
        "warning",
        "A suppression that suppresses nothing",
        "It outlived its reason, and would hide the next slip at this place.",
        "forecast: {season: 52}  # lint: ignore[FS302] a promotion runs every ten weeks",
        "forecast: {season: 52}",
        optional=True,
        fixable=True,
    ),
)
