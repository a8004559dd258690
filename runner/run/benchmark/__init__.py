"""Winners, baselines and blends on the test windows: the scoreboard."""
