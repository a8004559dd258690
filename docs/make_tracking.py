"""The table in docs/tracking.md of what MLflow holds of a run: each line looks at a store and fails when it is not so.

    python docs/make_tracking.py PROJECT NAME

reads the local store of a project's folder and puts what it finds of the experiment NAME into the page. A test looks at
another run with the same lines.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import tracking_looks as looks
from tracking_run import Held, held

from runner.files.tables import markdown_table

PAGE: Final = Path(__file__).with_name("tracking.md")
BEGIN: Final = "<!-- what MLflow holds: made by docs/make_tracking.py -->\n"
END: Final = "<!-- end -->\n"
ARTIFACTS: Final = (
    ("the spec as written", "spec.yaml"),
    ("the spec as resolved", "spec.resolved.json"),
    ("the plan", "plan.json"),
    ("the environment", "environment.json"),
    ("the results document", "benchmark.json"),
    ("the report", "report.html"),
    ("the report as Markdown", "report.md"),
    ("scores of each series", "series_scores.parquet"),
    ("plots", "plots/*.png"),
    ("forecasts of the test windows", "forecasts/*.parquet"),
)
LINES: Final[tuple[tuple[str, str, looks.Look], ...]] = (
    ("one parent, a child a model, a grandchild a trial", "`mlflow.parentRunId`", looks.nesting),
    ("names `<name>-<time>`, `<model>-<time>`, `<model>-<trial>`", "run name", looks.names),
    ("statuses that tell the truth, with the reason", "status, `run_spec.state`, `run_spec.reason`", looks.statuses),
    ("durations", "start and end", looks.durations),
    ("the spec's description and the scoreboard", "description of each run", looks.notes),
    ("who ran it", "`mlflow.user`", looks.user),
    ("parameters: the resolved spec", "parent", looks.spec_params),
    ("parameters: what was asked and what won", "trial, model", looks.model_params),
    ("metrics over all test windows", "model; of the best also parent", looks.scores),
    ("metrics over all tuning windows", "trial, model", looks.tuned),
    ("metrics by window", "steps of `windows/METRIC`", looks.windows),
    ("the tuned metric by boosting rounds", "steps of `curve` of a trial", looks.curve),
    ("timings", "model, by window too; `total_...` of the parent", looks.timings),
    ("the dataset with our sha256", "input of the parent", looks.data),
    ("its columns and sizes", "schema and profile of the input", looks.schema),
    ("git commit", "tags `git_commit`, `git_dirty`", looks.tags("git_commit", "git_dirty", "mlflow.source.git.commit")),
    ("hash of the spec", "tag `spec_sha256`", looks.tags("spec_sha256")),
    ("hash of the data", "tags `data_sha256`, `run_spec.data.FILE`", looks.tags("data_sha256")),
    ("hash of the code that makes numbers", "tag `code_sha256`", looks.tags("code_sha256")),
    ("DVC's revision of the data", "tags `dvc.FILE`", looks.dvc),
    ("seed", "tag `run_spec.seed`", looks.tags("run_spec.seed")),
    ("engine, workers", "tags `engine`, `workers`", looks.tags("engine", "workers")),
    ("version of run-spec", "tag `run_spec.version`", looks.tags("run_spec.version")),
    (
        "which run and which execution of it",
        "tags `run_spec.run_id`, `run_spec.execution`",
        looks.tags("run_spec.run_id", "run_spec.execution"),
    ),
    ("the team's own tags", "`tracking.tags` of the spec", looks.own_tags),
    *((name, "artifact of the parent", looks.artifact(pattern)) for name, pattern in ARTIFACTS),
    (
        "the model with signature, input example and pinned requirements, no pickle",
        "artifact `model` of each model",
        looks.model,
    ),
    ("the best model registered", "registered model of the experiment's name", looks.registered),
    ("what it is and of which execution", "description and tags of the version", looks.shelf),
    ("the experiment opens on its runs", "its description, its tag `mlflow.experimentKind`", looks.kind_of_experiment),
)


def table(run: Held) -> str:
    """Each line looked at; raises AssertionError with the first that does not hold."""
    rows = []
    for promise, where, look in LINES:
        try:
            found = look(run)
        except (AssertionError, LookupError) as error:
            raise AssertionError(f"{promise} ({where}): {error!r}") from error
        rows.append((promise, where, found))
    return markdown_table(("what is promised", "where", "in this run"), rows) + "\n"


def main() -> None:
    root, name = Path(sys.argv[1]), sys.argv[2]
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}{table(held(root, name))}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
