"""Least absolute deviations: one linear model of all rows, which shows what trees add.

Solved by iteratively reweighted least squares (Schlossmacher 1973). Columns are standardized and kept within ten
deviations, a missing value is the mean, a category is one column a code unless it has too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runner.families.features.table import FeatureTable
from runner.families.models import ModelError
from runner.families.models.files import Files
from runner.families.models.tabular import SavedTabular, TabularModel, load_tabular
from runner.values.panel import Floats

MOST_CODES: Final = 50  # a category with more is left out
BLOCK: Final = 65_536  # rows encoded together
ROUNDS: Final = 60
SMOOTH: Final = 1e-4  # residuals below this share of the first mean weigh alike
ENOUGH: Final = 1e-6  # smallest share by which a round lowers the loss
FARTHEST: Final = 10.0  # deviations
Term = Sequence[Any]  # column, center, spread, code: (x - center) / spread, or whether x is the code


@dataclass(frozen=True)
class Weights:
    """Terms and their weights, that of the intercept first."""

    terms: Sequence[Term]
    values: Sequence[float]

    def predict(self, table: FeatureTable) -> Floats:
        """Return predictions [R]."""
        return np.concatenate([np.zeros(0), *(x @ np.array(self.values) for _, x in _encode(self.terms, table))])


def linear(params: Mapping[str, Any], _seed: int) -> TabularModel:
    """Return the model with a ridge of `l2`. Raises ModelError for any other parameter, or a negative one."""
    l2 = params.get("l2", 1e-4)
    if set(params) - {"l2"} or isinstance(l2, bool) or not isinstance(l2, int | float) or l2 < 0:
        raise ModelError(f"linear takes `l2`, a number that is not negative, and nothing else, not {dict(params)}")
    return TabularModel("linear", params, partial(_learn, l2=float(l2)))


def load(kind: str, files: Files) -> SavedTabular:
    """Return a saved model. Raises ModelError."""
    return load_tabular(kind, files, Weights)


def _learn(train: FeatureTable, l2: float) -> Weights:
    """Return the terms: least squares, then each row weighed by one over its last residual."""
    terms = _terms(train)
    blocks = [(x, train.y[rows]) for rows, x in _encode(terms, train)]
    row_weights = [np.ones(len(y)) for _, y in blocks]
    ridge = np.array([0.0, *[l2 + 1e-9] * len(terms)])  # 1e-9: columns may be copies of each other
    best, least, smooth = np.zeros(len(ridge)), np.inf, 0.0
    for _ in range(ROUNDS):
        weighted = [x.T * weights for (x, _), weights in zip(blocks, row_weights, strict=True)]
        gram = sum((w @ x for w, (x, _) in zip(weighted, blocks, strict=True)), np.diag(2 * ridge * len(train)))
        proposal: Any = np.linalg.solve(gram, sum(w @ y for w, (_, y) in zip(weighted, blocks, strict=True)))
        residuals = [np.abs(y - x @ proposal) for x, y in blocks]
        loss, before = float(sum(r.sum() for r in residuals) / len(train) + ridge @ proposal**2), least
        if loss < least:
            best, least = proposal, loss
        if not loss < before * (1 - ENOUGH):
            break
        smooth = smooth or max(SMOOTH * loss, 1e-6 * float(np.abs(train.y).mean())) or 1.0
        row_weights = [1 / np.maximum(r, smooth) for r in residuals]
    return Weights(terms, best.tolist())


def _terms(train: FeatureTable) -> list[Term]:
    terms: list[Term] = []
    for place, column in enumerate(train.columns):
        x = column[np.isfinite(column)].astype(np.float64)
        if place in train.categorical:
            codes, counts = np.unique(x[x >= 0], return_counts=True)
            shares = (counts / len(train)).tolist() if len(codes) <= MOST_CODES else []
            terms += [(place, share, 1.0, code) for code, share in zip(codes.tolist(), shares, strict=False)]
        elif len(x) and (spread := float(x.std())) > 0:
            terms.append((place, float(x.mean()), spread, None))
    return terms


def _encode(terms: Sequence[Term], table: FeatureTable) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield rows and their terms [block, 1 + terms] after a column of ones, some rows at a time."""
    for begin in range(0, len(table), BLOCK):
        rows = slice(begin, begin + BLOCK)
        encoded = np.ones((1 + len(terms), len(table.y[rows])), np.float32)
        for place, (column, center, spread, code) in enumerate(terms, start=1):
            x = table.columns[column][rows]
            encoded[place] = ((x if code is None else x == code) - center) / spread
        yield rows, np.clip(np.nan_to_num(encoded), -FARTHEST, FARTHEST).T
