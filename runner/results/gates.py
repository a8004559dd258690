"""Judge the gates of a spec from the results document and the champion. Pure: reads no file and no server.

The judged model is the best of the scoreboard. A champion that was scored on the same test windows of the same data is
compared by its score; else by its score as a share of the baseline's, which two periods have in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from runner.language.sections.run import Gate
from runner.results.document import BenchmarkDocument, GateVerdict, ResultRow, Verdict
from runner.results.metric_values import Direction, badness, direction, show

_ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class Champion:
    """The registered champion, with the results document of its run."""

    version: str
    model: str
    document: BenchmarkDocument
    digests: Mapping[str, str]  # what its run has read -> sha256


@dataclass(frozen=True)
class MuteChampion:
    """A champion whose results cannot be read, so that no model can be compared with it."""

    version: str
    reason: str


@dataclass(frozen=True)
class NoChampion:
    """Why there is no champion to compare with."""

    reason: str
    away: bool = False  # whether the registry could not be reached


Found = Champion | MuteChampion | NoChampion


def judge(
    gates: Sequence[Gate], document: BenchmarkDocument, champion: Found, digests: Mapping[str, str]
) -> tuple[GateVerdict, ...]:
    """Return one verdict for each gate. `digests` has the sha256 of each file that the run has read."""
    return tuple(_judge(gate, document, champion, digests) for gate in gates)


def together(verdicts: Sequence[GateVerdict]) -> Verdict:
    """Return the verdict on all gates: failed when one is, else unknown when one is."""
    names = {verdict.verdict for verdict in verdicts}
    return "failed" if "failed" in names else "unknown" if "unknown" in names else "passed"


def needs_champion(gates: Sequence[Gate]) -> bool:
    """Return whether a gate compares with the champion."""
    return any(gate.not_worse_than is not None for gate in gates)


def wording(gate: Gate) -> str:
    """Return the condition as a sentence."""
    if gate.covers is not None:
        return f"{_share(gate.covers)} of the series are scored in every test window"
    metric = gate.metric.name if gate.metric else ""
    if gate.not_worse_than is not None:
        tolerance = f" by more than {_share(gate.tolerance)}" if gate.tolerance else ""
        return f"{metric} not worse than the champion's{tolerance}"
    words = f"{metric} better than {gate.better_than}" + (f" by {_share(gate.by)}" if gate.by else "")
    return words + (", significantly" if gate.significant else "")


def _direction(gate: Gate) -> Direction:
    """Return which values of the gate's metric are better."""
    return direction(gate.metric.name) if gate.metric else "higher"


def _judge(gate: Gate, document: BenchmarkDocument, champion: Found, digests: Mapping[str, str]) -> GateVerdict:
    best = document.best()
    if best is None:
        return _verdict(gate, "failed", "no model has a result")
    if gate.covers is not None:
        return _covers(gate, gate.covers, document, best)
    if gate.better_than is not None:
        return _better(gate, gate.better_than, document, best)
    if not isinstance(champion, Champion):
        return _verdict(gate, "unknown", champion.reason, best)
    return _not_worse(gate, champion, document, best, digests)


def _covers(gate: Gate, least: float, document: BenchmarkDocument, best: ResultRow) -> GateVerdict:
    count = document.n_series_throughout
    if count is None or not document.n_series:
        reason = "the results document does not say how many series were scored in every test window"
        return _verdict(gate, "unknown", reason, best)
    share = count / document.n_series
    words = f"{count:,} of {document.n_series:,} series are scored in every test window ({_share(share)})"
    return _verdict(gate, _passed(share + _ROUNDING >= least), words, best, share, least)


def _better(gate: Gate, other: str, document: BenchmarkDocument, best: ResultRow) -> GateVerdict:
    row = _row(document, other)
    value, reference = _score(gate, best), _score(gate, row)
    if value is None or reference is None:
        missing = best.model_name if value is None else other
        return _verdict(gate, "unknown", f"{missing} has no {_name(gate)}", best, value, reference)
    if best.model_name == other:
        return _verdict(gate, "failed", f"{other} is itself the best model", best, value, reference)
    lead = _badness(gate, reference) - _badness(gate, value)
    is_better = lead > 0 and lead + _ROUNDING >= (gate.by or 0.0) * abs(reference)
    words = f"{_scored(gate, best.model_name, value)}, {_scored(gate, other, reference)}: {_apart(lead, reference)}"
    if not is_better or not gate.significant:
        return _verdict(gate, _passed(is_better), words, best, value, reference)
    verdict, significance = _significance(document, best.model_name, other)
    return _verdict(gate, verdict, f"{words}, {significance}", best, value, reference)


def _significance(document: BenchmarkDocument, best: str, other: str) -> tuple[Verdict, str]:
    for comparison in document.comparisons:
        if (comparison.model, comparison.against) == (other, best) and comparison.p_value is not None:
            words = "significant" if comparison.significant else "not significant"
            return _passed(comparison.significant), f"{words} (p = {comparison.p_value:.2g})"
    return "unknown", "and no test of significance was possible"


def _not_worse(
    gate: Gate, champion: Champion, document: BenchmarkDocument, best: ResultRow, digests: Mapping[str, str]
) -> GateVerdict:
    if (champion.document.run_id, champion.model) == (document.run_id, best.model_name):
        return _verdict(gate, "passed", f"it is the champion (version {champion.version})", best, _score(gate, best))
    row = _row(champion.document, champion.model)
    value, reference = _score(gate, best), _score(gate, row)
    who = f"the champion (version {champion.version}, {champion.model})"
    if value is None or reference is None:
        missing = best.model_name if value is None else who
        return _verdict(gate, "unknown", f"{missing} has no {_name(gate)}", best, value, reference)
    if _windows(document) == _windows(champion.document) and dict(digests) == dict(champion.digests):
        words = f"{_scored(gate, best.model_name, value)}, {_scored(gate, who, reference)}"
        return _verdict(gate, _tolerated(gate, value, reference), words, best, value, reference)
    return _by_skill(gate, champion, document, best, (value, reference), who)


def _by_skill(
    gate: Gate, champion: Champion, document: BenchmarkDocument, best: ResultRow, scores: tuple[float, float], who: str
) -> GateVerdict:
    """Compare with a champion of other test windows, by the scores as shares of the baseline's."""
    other = champion.document
    bases = [_score(gate, _row(d, d.baseline)) for d in (document, other)]
    same_task = document.baseline == other.baseline and _horizon(document) == _horizon(other)
    if _direction(gate) != "lower" or not same_task or not all(base is not None and base > 0 for base in bases):
        words = f"{who} was scored on other test windows, so its {_name(gate)} cannot be compared"
        return _verdict(gate, "unknown", words, best, *scores)
    value, reference = (score / (base or 1.0) for score, base in zip(scores, bases, strict=True))
    words = (
        f"{best.model_name} has {_share(value)} of the {_name(gate)} of {document.baseline}, {who} "
        f"{_share(reference)}, each on its own test windows"
    )
    return _verdict(gate, _tolerated(gate, value, reference), words, best, value, reference)


def _tolerated(gate: Gate, value: float, reference: float) -> Verdict:
    lag = _badness(gate, value) - _badness(gate, reference)
    return _passed(lag <= (gate.tolerance or 0.0) * abs(reference) + _ROUNDING)


def _verdict(
    gate: Gate,
    verdict: Verdict,
    reason: str,
    best: ResultRow | None = None,
    value: float | None = None,
    reference: float | None = None,
) -> GateVerdict:
    model = best.model_name if best else None
    return GateVerdict(
        gate=wording(gate), verdict=verdict, reason=reason, model=model, value=value, reference=reference
    )


def _windows(document: BenchmarkDocument) -> list[tuple[str, str, str, int, int]]:
    """Return what identifies the test windows."""
    rows = (row for row in document.windows if row.name.startswith("test"))
    return [(row.name, _moment(row.first_cutoff), _moment(row.last_cutoff), row.horizon, row.n_cells) for row in rows]


def _moment(text: str) -> str:
    """Return a time without the hour of midnight."""
    return text.removesuffix(" 00:00")


def _horizon(document: BenchmarkDocument) -> set[int]:
    return {row.horizon for row in document.windows if row.name.startswith("test")}


def _row(document: BenchmarkDocument, model: str) -> ResultRow | None:
    return next((row for row in document.results if row.model_name == model), None)


def _score(gate: Gate, row: ResultRow | None) -> float | None:
    return row.scores.get(_name(gate)) if row is not None else None


def _name(gate: Gate) -> str:
    return gate.metric.name if gate.metric else ""


def _badness(gate: Gate, value: float) -> float:
    """Return a number that is smaller for a better value."""
    return badness(value, _direction(gate))


def _scored(gate: Gate, who: str, value: float) -> str:
    return f"{who} has {_name(gate)} {show(_name(gate), value)}"


def _apart(lead: float, reference: float) -> str:
    if reference == 0:
        return "better" if lead > 0 else "not better"
    share = lead / abs(reference)
    return f"{_share(abs(share))} {'better' if share > 0 else 'worse'}"


def _passed(is_met: bool) -> Verdict:
    return "passed" if is_met else "failed"


def _share(value: float) -> str:
    return f"{value * 100:.4g}%"
