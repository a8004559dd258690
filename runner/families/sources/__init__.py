"""Readers of source tables: a Request in, a RawTable out."""
