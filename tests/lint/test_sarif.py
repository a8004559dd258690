"""What code scanning needs of SARIF. An independent validator was run over it by hand: docs/ci/README.md."""

import json
from pathlib import Path

from runner.errors import Diagnostic, Edit, Span
from runner.lint.registry import RULES
from runner.lint.sarif import sarif

SPAN = Span(3, 5, 3, 8)
FOUND = [
    Diagnostic("FS004", "m", "specs/a b.yaml", SPAN, "features.ids", "write true", fix=(Edit(SPAN, "true"),)),
    Diagnostic("FS302", "n", "/elsewhere/ü.yaml", Span(1, 1, 2, 1), severity="warning"),
    Diagnostic("FS201", "o", str(Path.cwd() / "c.yaml"), SPAN, severity="info"),
]


def run(found):
    document = json.loads(sarif(found))
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    return only


def test_results_point_at_their_rules_and_places():
    only = run(FOUND)
    rules = only["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["FS004", "FS201", "FS302"]
    for result, found in zip(only["results"], FOUND, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == found.code
        region = result["locations"][0]["physicalLocation"]["region"]
        assert list(region.values()) == [found.span.line, found.span.col, found.span.end_line, found.span.end_col]
    assert [result["level"] for result in only["results"]] == ["error", "warning", "note"]


def test_sarif_file_inside_root_is_relative():
    files = [one["locations"][0]["physicalLocation"]["artifactLocation"] for one in run(FOUND)["results"]]
    assert files == [
        {"uri": "specs/a%20b.yaml", "uriBaseId": "SRCROOT"},
        {"uri": "file:///elsewhere/%C3%BC.yaml"},
        {"uri": "c.yaml", "uriBaseId": "SRCROOT"},
    ]


def test_a_fix_is_a_replacement():
    first, *others = run(FOUND)["results"]
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "true"}
    assert all("fixes" not in other for other in others)


def test_every_rule_can_be_told():
    found = [Diagnostic(code, "m", "a.yaml", SPAN, severity=rule.severity) for code, rule in RULES.items()]
    assert len(run(found)["tool"]["driver"]["rules"]) == len(RULES)


def test_nothing_found_is_a_run_without_results():
    assert run([])["results"] == []
