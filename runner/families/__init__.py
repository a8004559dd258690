"""The heavy halves of what a spec can name: models, features, metrics, sources, engines."""
