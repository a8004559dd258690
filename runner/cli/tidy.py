"""`run-spec tidy`: list old runs and caches that may go, or delete them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from runner.cli import echo, echo_json
from runner.commands.tidy import Item, Survey, clear, parse_age, survey
from runner.files.atomic import show_bytes
from runner.language.project import find_root


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of a cleaning."""
    parser.add_argument("--older-than", default="30d", metavar="AGE", help="30d, 12h or 10m; 30d when absent")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--dry-run", action="store_true", help="only say what would go: what it does without --yes")
    way.add_argument("--yes", action="store_true", help="delete")
    parser.add_argument("--json", action="store_true", help="the list as JSON")


def run(options: argparse.Namespace) -> int:
    """List what may go, and with --yes delete it."""
    listing = survey(find_root(Path("here")), parse_age(options.older_than))
    items, notes = clear(listing) if options.yes else (list(listing.items), [])
    if options.json:
        echo_json(
            {"deleted": options.yes, "items": [_document(item) for item in items], "notes": [*listing.notes, *notes]}
        )
        return 0
    echo("\n".join([*map(_line, items), *listing.notes, *notes, _total(listing, items, options)]))
    return 0


def _line(item: Item) -> str:
    size = "size unknown" if item.bytes is None else show_bytes(item.bytes)
    what = f"{item.name}/{item.path.name}" if item.path else item.name
    return f"{item.kind:<6}  {size:>12}  {item.ended:%Y-%m-%d}  {what}: {item.reason}"


def _total(listing: Survey, items: list[Item], options: argparse.Namespace) -> str:
    if not items:
        return f"nothing that may go is older than {options.older_than}"
    total = show_bytes(sum(item.bytes or 0 for item in items))
    if not options.yes:
        return f"{len(items)} would go, {total}; nothing was deleted: `--yes` does it"
    freed = show_bytes(sum(item.bytes or 0 for item in items if item.family is None))
    return f"{len(items)} deleted, {freed}{_gc_command(listing, items)}"


def _gc_command(listing: Survey, items: list[Item]) -> str:
    """Return the command that frees the space of what was deleted in MLflow; empty when that is nothing."""
    families = [item.family for item in items if item.family is not None]
    if not families:
        return ""
    ids = ",".join(member for family in families for member in family.members)
    if listing.place.remote:
        return f"; on the server's machine `mlflow gc --run-ids {ids}` frees the space of its runs"
    size = show_bytes(sum(family.bytes or 0 for family in families))
    uri = listing.place.label
    return f"; `mlflow gc --tracking-uri {uri} --backend-store-uri {uri} --run-ids {ids}` frees {size} in MLflow"


def _document(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "name": item.name,
        "path": str(item.path) if item.path else None,
        "mlflow_runs": list(item.family.members) if item.family else [],
        "reason": item.reason,
        "ended": item.ended.isoformat(timespec="seconds"),
        "bytes": item.bytes,
    }
