"""The two ways to merge: at once, and by some rows at a time."""

from radcompare.errors import TableError
from radcompare.tables.features import read_features, write_features
from radcompare.tables.merge import merge
from radcompare.tables.streamed_merge import streamed_merge, write_merged

PROVENANCE = {"versions": {"radcompare": "1"}}
PLAIN = "ID,y\na,1.5\nb,2.5\nc,3.5\nd,4.5\n"


def at_once(sources, path):
    """What the table, the sidecar and the notes are, or the error."""
    try:
        merged = merge([read_features(source) for source in sources])
        write_features(merged, path, PROVENANCE)
    except TableError as error:
        return error.message, error.hint
    return path.read_bytes(), sidecar(path), merged.notes


def by_rows(sources, path, cells):
    try:
        with streamed_merge(sources, cells) as merged:
            write_merged(merged, path, PROVENANCE)
            return path.read_bytes(), sidecar(path), merged.empty.notes
    except TableError as error:
        return error.message, error.hint


def sidecar(path):
    return path.with_name(path.name.split(".")[0] + ".meta.json").read_bytes()
