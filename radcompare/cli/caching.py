"""Measurements that are kept: what there are, and how to be rid of them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from radcompare import console
from radcompare.cli.options import Json

if TYPE_CHECKING:
    from radcompare.cache import Inventory
    from radcompare.report.text import Grid

UPKEEP = "Upkeep"
"""Heading in the list of commands."""
NOTHING_KEPT = "RADCOMPARE_CACHE is empty: nothing is kept."
DAY_S = 86400.0


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    cache = typer.Typer(no_args_is_help=True, help="Measurements that are kept for the next run.")
    cache.command()(info)
    cache.command()(clear)
    app.add_typer(cache, name="cache", rich_help_panel=UPKEEP)


def info(as_json: Json = False) -> None:
    """Where measurements are kept, how many there are, and how much room they take."""
    from radcompare.cache import default_cache, inventory

    found = inventory(default_cache())
    if as_json:
        console.write_json(_plain(found))
    elif found.folder is None:
        console.write(NOTHING_KEPT)
    else:
        console.grids([_grid(found)])
        console.write(f"Oldest entry: {_day(found.oldest) or 'none'}; newest: {_day(found.newest) or 'none'}")


def clear(
    older: Annotated[
        int,
        typer.Option(
            "--older",
            min=0,
            max=36_500,
            metavar="DAYS",
            help="Only what was written more than DAYS days ago.",
        ),
    ] = 0,
    as_json: Json = False,
) -> None:
    """Remove the measurements that are kept, never a file of yours; a run that is going on goes on."""
    from radcompare import cache

    kept = cache.default_cache()
    count, size = cache.clear(kept, older * DAY_S)
    if as_json:
        folder = None if kept.folder is None else str(kept.folder)
        console.write_json({"folder": folder, "removed": count, "bytes": size})
    elif kept.folder is None:
        console.write(NOTHING_KEPT)
    else:
        console.write(f"Removed {count:,} file{'s' * (count != 1)}, {size:,} bytes, from {kept.folder}")


def _grid(found: "Inventory") -> "Grid":
    from radcompare.report.text import Grid

    rows = [(kind, f"{count:,}", f"{size:,}") for kind, (count, size) in found.entries.items()]
    count, size = found.temporary
    rows.append(("unfinished files", f"{count:,}", f"{size:,}"))
    if found.foreign:
        rows.append(("files of others", f"{found.foreign:,}", ""))
    return Grid(f"Cache in {found.folder}", ("kind", "files", "bytes"), tuple(rows), 2)


def _plain(found: "Inventory") -> dict[str, Any]:
    return {
        "folder": None if found.folder is None else str(found.folder),
        "entries": {kind.replace(" ", "_"): _counted(each) for kind, each in found.entries.items()},
        "bytes": sum(size for _, size in found.entries.values()),
        "oldest": _day(found.oldest),
        "newest": _day(found.newest),
        "unfinished": _counted(found.temporary),
        "files_of_others": found.foreign,
    }


def _counted(counted: tuple[int, int]) -> dict[str, int]:
    count, size = counted
    return {"files": count, "bytes": size}


def _day(written: float | None) -> str | None:
    """A time as ISO 8601, in UTC, to the second."""
    if written is None:
        return None
    return datetime.fromtimestamp(written, tz=UTC).isoformat(timespec="seconds")
