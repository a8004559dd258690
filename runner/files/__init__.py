"""Atomic writes and checksums: how every file of a project is written and read back."""
