"""Facts -> pictures: one function a chart. Imports Altair, so only what draws does."""
