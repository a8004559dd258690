"""What a feature may look at from each origin."""

from __future__ import annotations

import numpy as np

from runner.families.features.sight import Sight
from runner.families.targets.chain import Units
from runner.testing.worlds import dated, view


def test_sight_shows_observed_covariates_before_origins_only() -> None:
    seen = view(dated(), 40)
    origins = np.array([[40, 30]] * 3)
    sight = Sight(seen, origins, lambda: (seen.panel.y, Units(np.zeros((3, 2)), np.ones((3, 2)))))
    (price,) = sight.observed
    assert (price.name, price.role, price.categories) == ("price", "observed", None)
    assert not hasattr(price, "values")
    values = next(c.values for c in dated().covariates if c.name == "price")
    np.testing.assert_array_equal(sight.latest(price), values[:, [39, 29]])
