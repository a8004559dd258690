"""The story of a run: session, plan, tuning, benchmark, final models, forecasts."""
