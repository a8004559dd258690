"""What a run says of itself in MLflow, as Markdown: the description that stands on top of its page."""

from __future__ import annotations

from collections.abc import Sequence

from runner.files.tables import escape_markdown, escape_rows, markdown_table
from runner.results.metric_values import show
from runner.values.records import Comparison, ModelResult, RunSnapshot, Scoreboard, TrialRecord

_MOST = 4
"""Metrics shown in a table; MLflow shows all of them as metrics."""


def run_note(board: Scoreboard | None, description: str) -> str:
    """The spec's description, the answer in one sentence and the scoreboard, as far as there is one."""
    parts = [description]
    if board is not None:
        parts += [_answer(board), _table(board)]
        failed = [f"{result.model} failed: {result.reason}" for result in board.results if result.reason]
        parts.append("\n".join(f"* {escape_markdown(line)}" for line in failed))
    return "\n\n".join(part for part in parts if part)


def model_note(result: ModelResult, board: Scoreboard | None) -> str:
    """How it did on the test windows, and how it came about."""
    if result.status == "failed" or board is None:
        return f"Failed: {escape_markdown(result.reason or 'no reason is known')}"
    words = [f"**{board.metric} {show(board.metric, result.scores.get(board.metric))}** on the test windows"]
    if result.model == board.baseline:
        words.append("the baseline")
    elif result.gain is not None:
        words.append(f"{_gain(result.gain)} than {escape_markdown(board.baseline)}")
    if result.weights:
        shares = ", ".join(f"{escape_markdown(name)} {weight:.0%}" for name, weight in result.weights.items())
        words.append(f"a mean of {shares}")
    if result.trial is not None:
        words.append(f"trial {result.trial} of {sum(result.trials.values())} won")
    return ", ".join(words) + "."


def trial_note(trial: TrialRecord) -> str:
    """Why it ended early; nothing where it did not."""
    words = {"pruned": "Pruned", "fail": "Failed"}.get(trial.state)
    return f"{words}: {escape_markdown(trial.reason)}" if words and trial.reason else ""


def shelf_note(description: str, name: str) -> str:
    """Of a registered model: what it holds and how it is used."""
    words = (
        "The best model of each finished run. The alias `champion` is the one in use, `previous` the one before it; "
        f'`run-spec promote {name}` moves them. `mlflow.pyfunc.load_model("models:/{name}@champion")` loads it: '
        "history first, then the future rows with an empty target."
    )
    return f"{description}\n\n{words}" if description else words


def version_note(snapshot: RunSnapshot, model: str) -> str:
    """What a version is, and of which run."""
    board = snapshot.board
    result = next((r for r in board.results if r.model == model), None) if board else None
    words = f": {model_note(result, board)}" if result else "."
    return f"{model} of run {snapshot.run_id}{words}"


def _answer(board: Scoreboard) -> str:
    best = next((result for result in board.results if result.status == "ok"), None)
    if best is None:
        return "No model has a result."
    score = show(board.metric, best.scores.get(board.metric))
    scored = f"**{escape_markdown(best.model)}** is best with {board.metric} {score}"
    if best.model == board.baseline:
        return f"{scored}: nothing beats the baseline."
    if best.gain is None:
        return f"{scored}."
    baseline = escape_markdown(board.baseline) + _significance(board.comparisons, board)
    return f"{scored}, {_gain(best.gain)} than {baseline}."


def _significance(comparisons: Sequence[Comparison], board: Scoreboard) -> str:
    for comparison in comparisons:
        if comparison.model == board.baseline and comparison.p_value is not None:
            words = "significant" if comparison.significant else "not significant"
            return f" ({words}, p = {comparison.p_value:.2g})"
    return ""


def _gain(share: float) -> str:
    return f"{abs(share):.1%} {'better' if share >= 0 else 'worse'}"


def _metrics(board: Scoreboard) -> list[str]:
    """The tuned one and the first of the others."""
    names = dict.fromkeys(name for result in board.results for name in result.scores)
    return [board.metric, *(name for name in names if name != board.metric)][:_MOST]


def _table(board: Scoreboard) -> str:
    titles = ["model", *_metrics(board), "gain", "fit", "trials"]
    return markdown_table(titles, escape_rows([_row(board, result) for result in board.results]))


def _row(board: Scoreboard, result: ModelResult) -> list[str]:
    made = result.status == "ok"
    return [
        result.model + (" (baseline)" if result.model == board.baseline else ""),
        *(show(name, result.scores.get(name)) if made else "-" for name in _metrics(board)),
        f"{result.gain:+.1%}" if result.gain is not None else "-",
        f"{result.fit_seconds:.1f} s" if made else "failed",
        str(sum(result.trials.values())) if result.trials else "",
    ]
