"""List where a run comes from, for the end of a report."""

from __future__ import annotations

from collections.abc import Iterator

from runner.results.run_facts import RunFacts


def provenance(facts: RunFacts) -> list[tuple[str, str]]:
    """Return (title, value) pairs: run, commit, data, versions, machine."""
    return [(title, value) for title, value in _pairs(facts) if value]


def _pairs(facts: RunFacts) -> Iterator[tuple[str, str]]:
    environment, status = facts.environment, facts.status
    yield "run", facts.document.run_id
    if status is not None:
        yield "started", status.started
        yield "finished", status.finished or ""
    yield "seed", str(facts.spec.get("study", {}).get("sampler", {}).get("seed", ""))
    git = environment.get("git", {})
    if git.get("commit"):
        yield "commit", git["commit"] + (" with local changes" if git.get("dirty") else "")
    for name, digest in environment.get("data", {}).items():
        yield f"data {name}", f"sha256 {digest}"
    yield "code", f"sha256 {environment['code']}" if environment.get("code") else ""
    yield "versions", ", ".join(f"{k} {v}" for k, v in environment.get("versions", {}).items())
    python, machine = environment.get("python", ""), environment.get("platform", "")
    yield "python", f"{python} on {machine}, {environment.get('processors')} processors" if python else ""
