"""Small data files with a known meaning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from runner.commands.new.hints import Answer, take_guess
from runner.commands.new.inspect import Draft, draft


def weeks(shops: int = 3, steps: int = 156, seed: int = 1) -> pd.DataFrame:
    """Weekly sales of shops with a yearly wave, a holiday flag, a measured temperature and a static region."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2020-01-03", periods=steps, freq="W-FRI")
    frames = []
    for shop in range(shops):
        wave = 100 * (shop + 1) * (1 + 0.4 * np.sin(2 * np.pi * np.arange(steps) / 52))
        frames.append(
            pd.DataFrame(
                {
                    "shop": shop + 1,
                    "date": dates,
                    "sales": np.round(wave + rng.normal(0, 5, steps), 2),
                    "is_holiday": (np.arange(steps) % 26 == 0).astype(int),
                    "temperature": np.round(rng.normal(15, 5, steps), 1),
                    "region": "north" if shop % 2 else "south",
                    "week_of_year": dates.isocalendar().week.to_numpy(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def drafted(root: Path, table: pd.DataFrame, answer: Answer = take_guess, **to_csv: object) -> Draft:
    """The draft of a table that is written to `shops.csv`."""
    table.to_csv(root / "shops.csv", index=False, **to_csv)  # type: ignore[call-overload]
    return draft(root / "shops.csv", "shops.csv", root, answer)


def roles(found: Draft) -> dict[str, str]:
    return {one.name: one.place for one in found.roles}


def answering(**answers: str) -> Answer:
    """Those answers, and the guess where there is none."""
    choose: Callable[..., str] = lambda question: answers.get(question.key, question.guess)  # noqa: E731
    return choose
