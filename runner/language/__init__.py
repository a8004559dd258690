"""Text -> Experiment | Diagnostics. No pandas, no model library."""
