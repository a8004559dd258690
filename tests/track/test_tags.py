"""Names that stand in the stores of every team are said once here, and do not change."""

from __future__ import annotations

import re
from pathlib import Path

import runner
from runner.track import tags
from runner.track.tags import of_kind, tagged

NAMES = {
    name: value for name, value in vars(tags).items() if name.isupper() and isinstance(value, str) and "." in value
}


def test_a_shared_name_stands_in_one_place():
    sources = Path(runner.__file__).parent.rglob("*.py")
    text = "\n".join(path.read_text() for path in sources if path.name != "tags.py")
    again = {value for value in NAMES.values() if re.search(rf"['\"`]{re.escape(value)}['\"`]", text)}
    assert again == set()


def test_tag_names_are_unchanged():
    assert NAMES == {
        "BEST_MODEL": "run_spec.best_model",
        "DATA": "run_spec.data.",
        "EXECUTION": "run_spec.execution",
        "KEY": "run_spec.key",
        "KIND": "run_spec.kind",
        "MODEL": "run_spec.model",
        "OVERRIDES": "run_spec.overrides",
        "PARENT": "mlflow.parentRunId",
        "REASON": "run_spec.reason",
        "RUN_ID": "run_spec.run_id",
        "STATE": "run_spec.state",
        "SUPERSEDED_BY": "run_spec.superseded_by",
        "TRIAL": "run_spec.trial",
    }


def test_questions_are_in_the_language_of_mlflow():
    assert tagged("a.b", "c") == "tags.`a.b` = 'c'"
    assert of_kind("run") == "tags.`run_spec.kind` = 'run'"
    assert of_kind("trial", "0" * 12) == f"tags.`run_spec.run_id` = '{'0' * 12}' and tags.`run_spec.kind` = 'trial'"
