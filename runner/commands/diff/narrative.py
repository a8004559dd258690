"""Write a comparison as text for a terminal, Markdown for a pull request, and a JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from runner.commands.diff.compare import Comparison, CurrentRun
from runner.commands.diff.effects import Offset, StudyChange, WindowChange
from runner.commands.diff.revision import Side
from runner.files.tables import escape_markdown, markdown_table, text_table
from runner.language.inline_yaml import flow
from runner.language.scalars import shorten
from runner.language.spec_diff import ABSENT, Change
from runner.store.identity import numeric_part

WIDEST = 44
SAME = "no difference in meaning"


def as_text(comparison: Comparison) -> str:
    """Return changes and effects as aligned lines."""
    head = f"{comparison.before.label} -> {comparison.after.label}"
    if not comparison.changes:
        return f"{head}\n{SAME}"
    rows = [(change.key, _arrow(*_values(change)), _where(change, comparison)) for change in comparison.changes]
    lines = _indented(text_table(rows, widest=2 * WIDEST))
    effects = _indented(text_table(list(consequences(comparison))))
    return "\n".join([head, "", "what changed", *lines, "", "effects", *effects])


def as_markdown(comparison: Comparison) -> str:
    """Return changes and effects as Markdown, for a pull request."""
    head = f"### `{comparison.before.label}` → `{comparison.after.label}`"
    if not comparison.changes:
        return f"{head}\n\nThere is {SAME}."
    rows = [
        (f"`{change.key}`", *map(_cell, _values(change)), _where(change, comparison)) for change in comparison.changes
    ]
    table = markdown_table(("key", "before", "after", "where"), rows)
    effects = [f"- **{topic}**: {escape_markdown(sentence)}" for topic, sentence in consequences(comparison)]
    return "\n".join([head, "", table, "", *effects])


def as_document(comparison: Comparison) -> dict[str, Any]:
    """Return changes and effects as a JSON document."""
    effects = asdict(comparison.effects) if comparison.changes else None
    return {
        "before": _side(comparison.before, comparison.run_before),
        "after": _side(comparison.after, comparison.run_after),
        "same": not comparison.changes,
        "changes": [_change(change, comparison) for change in comparison.changes],
        "effects": effects,
        "consequences": [{"topic": t, "text": s} for t, s in consequences(comparison)] if comparison.changes else [],
    }


def consequences(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield (topic, sentence) for every effect of the changes."""
    effects = comparison.effects
    yield "run", _run(comparison)
    for window in effects.windows:
        yield f"{window.part} windows", _windows(window)
    if effects.models_added or effects.models_removed:
        parts = [f"{verb} {', '.join(names)}" for verb, names in
                 (("adds", effects.models_added), ("removes", effects.models_removed)) if names]  # fmt: skip
        yield "models", "; ".join(parts)
    for study in effects.studies:
        yield f"study {study.model}", _study(study, comparison)
    if effects.fits_before != effects.fits_after:
        more = "more" if effects.fits_after > effects.fits_before else "fewer"
        yield "work", f"at most {effects.fits_after:,} fits, {abs(effects.fits_after - effects.fits_before):,} {more}"
    if not effects.same_run:
        yield "scores", _scores(comparison)


def _run(comparison: Comparison) -> str:
    if comparison.effects.same_run:
        current = comparison.run_after
        recorded = f" {current.run_id}, {current.recorded} trials recorded" if current else ""
        return f"the same run id{recorded}: finished work is kept, and an existing run continues"
    causes = ", ".join(dict.fromkeys(_cause(change) for change in comparison.changes if decides(change)))
    old, new = comparison.run_before, comparison.run_after
    ids = f" ({old.run_id} -> {new.run_id})" if old and new else ""
    note = "" if ids else " (judged by the spec alone, as the data is not in this project)"
    return f"a new run id{ids}, because of {shorten(causes, 200)}{note}; no work of the old run is reused"


def decides(change: Change) -> bool:
    """Return whether a change alone makes another run."""
    tree: Any = True
    for part in reversed(change.path):
        tree = {part: tree}
    value: Any = numeric_part(tree)
    for part in change.path:
        value = value.get(part) if isinstance(value, dict) else None
    return value is not None


def _cause(change: Change) -> str:
    return ".".join(str(part) for part in change.path[:2])


def _windows(change: WindowChange) -> str:
    parts = [f"{change.before} -> {change.after}" if change.before != change.after else str(change.after)]
    if change.added:
        parts.append(f"adds {_offsets(change.added)}")
    if change.removed:
        parts.append(f"drops {_offsets(change.removed)}")
    parts.append(f"{change.kept} stay{'s' if change.kept == 1 else ''}" if change.kept else "none stays")
    return "; ".join(parts)


def _offsets(windows: Sequence[Offset], most: int = 4) -> str:
    shown = ", ".join(str(window.cutoff) for window in windows[:most]) + (", ..." if len(windows) > most else "")
    horizons = sorted({window.horizon for window in windows})
    reach = "/".join(str(h) for h in horizons)
    return f"{len(windows)} (cutoff {shown} steps before the end, {reach} steps scored)"


def _study(study: StudyChange, comparison: Comparison) -> str:
    if study.fate == "added":
        return f"new, {_trials(study.trials_after)}"
    if study.fate == "removed":
        return "removed"
    if comparison.effects.same_run:
        return _continued(study)
    return f"{_begun(study)}; {_trials(study.trials_after)}{_instead(study)}"


def _continued(study: StudyChange) -> str:
    difference = study.trials_after - study.trials_before
    if difference > 0:
        return f"continues: {difference} more trials, {study.trials_after} in all"
    if difference < 0:
        return f"the first {study.trials_after} of {study.trials_before} trials count, no new ones"
    return "unchanged"


def _begun(study: StudyChange) -> str:
    match study.fate:
        case "same":
            return "repeated under the new run id, with the same trials and tuning scores"
        case "first draws":
            which = f"first {study.draws} draws are" if study.draws > 1 else "first draw is"
            return f"repeated: the {which} the same, the scores may differ"
        case _:
            return "repeated with other draws"


def _instead(study: StudyChange) -> str:
    return f" instead of {study.trials_before}" if study.trials_before != study.trials_after else ""


def _trials(count: int) -> str:
    return f"{count} trial{'s' if count != 1 else ''}"


def _scores(comparison: Comparison) -> str:
    if comparison.effects.comparable:
        return "test scores are on the same cells and can be compared"
    return "test scores are on different cells: do not compare them"


def _values(change: Change) -> tuple[str, str]:
    old, new = ("" if value is ABSENT else flow(value) for value in (change.before, change.after))
    if change.place_before is None and old:
        old += " (default)"
    if change.place_after is None and new:
        new += " (default)"
    return shorten(old, 200), shorten(new, 200)


def _arrow(old: str, new: str) -> str:
    if not new:
        return f"removed (was {old})"
    return f"added: {new}" if not old else f"{old} -> {new}"


def _where(change: Change, comparison: Comparison) -> str:
    if change.place_after is not None:
        return comparison.after.where(change.place_after)
    return comparison.before.where(change.place_before) if change.place_before is not None else ""


def _change(change: Change, comparison: Comparison) -> dict[str, Any]:
    document: dict[str, Any] = {"key": change.key, "path": list(change.path), "kind": change.kind}
    sides = (("before", change.before, change.place_before, comparison.before),
             ("after", change.after, change.place_after, comparison.after))  # fmt: skip
    for name, value, place, side in sides:
        if value is not ABSENT:
            document[name] = value
            document[f"{name}_at"] = side.where(place) if place else "default"
    return document


def _side(side: Side, run: CurrentRun | None) -> dict[str, Any]:
    return {
        "spec": side.label,
        "name": side.document.spec.name,
        "run_id": run.run_id if run else None,
        "recorded": run.recorded if run else None,
    }


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _cell(text: str) -> str:
    """Return a value as code; in code only a pipe needs an escape."""
    code = text.replace("`", "").replace("|", "\\|")
    return f"`{code}`" if text else "–"
