"""Engines: where evaluations run. Workers only compute; the driver alone writes."""
