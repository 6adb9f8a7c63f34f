"""The catalogue lists what the extractors compute, and is light."""

import re
import subprocess
import sys
from collections import Counter

import pytest

from radcompare.errors import UnknownNameError
from radcompare.radiomics.catalogue import Entry, entries
from radcompare.radiomics.library import pyradiomics

UNITS = {"1", "bit", "mm", "mm²", "mm³", "1/mm", "intensity", "intensity²", "intensity² mm³"}


def test_pyradiomics_names_are_the_ones_it_has() -> None:
    classes = pyradiomics().getFeatureClasses()
    expected = {
        f"original_{name}_{feature}"
        for name, members in classes.items()
        if name != "shape2D"
        for feature, deprecated in members.getFeatureNames().items()
        if not deprecated
    }
    listed = [entry.name for entry in entries("pyradiomics")]
    assert set(listed) == expected
    assert len(listed) == len(expected) == 107


def test_r219_has_the_categories_of_the_lecture() -> None:
    counts = Counter(entry.family for entry in entries("r219"))
    assert list(counts.values()) == [10, 17, 6, 10, 11, 10, 125, 30]
    assert sum(counts.values()) == 219


def test_all_sets_at_once() -> None:
    everything = entries()
    assert everything == entries("r219") + entries("pyradiomics")
    assert len({entry.name for entry in everything}) == 326


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_every_entry_is_complete(entry: Entry) -> None:
    assert entry.name.startswith(("r219_" if entry.set == "r219" else "original_") + entry.family + "_")
    assert entry.definition
    assert entry.reference
    assert entry.oracle
    assert entry.unit in UNITS
    assert entry.defined_by in ("pyradiomics", "PyWavelets", "radcompare")
    assert re.fullmatch("([0-9A-Z]{4})?", entry.ibsi)


def test_an_unknown_set_is_named() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'pyradiomics'"):
        entries("pyradiomix")


def test_listing_imports_nothing_heavy() -> None:
    code = (
        "import sys; from radcompare.radiomics.catalogue import entries; entries();"
        "print([m for m in ('numpy', 'scipy', 'pywt', 'SimpleITK', 'radiomics', 'yaml') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
