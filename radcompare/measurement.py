"""One case: its files read, its region measured or found in the cache, or the reason why not.

Processes that measure cases load this alone, without the tables.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from radcompare.cache import Cache
from radcompare.imaging.degenerate import degeneracy
from radcompare.imaging.reading import read_region
from radcompare.imaging.region import Region
from radcompare.provenance import digest_settings
from radcompare.tables.case import Case, Failure, attempt


class Extractor(Protocol):
    """What every entry of `registry.EXTRACTORS` is, built from its source in the config."""

    def settings(self) -> Mapping[str, Any]:
        """All that determines the values, without paths: part of the cache key and of the provenance."""

    def extract(self, region: Region) -> dict[str, float]:
        """Measure one case: the same columns in the same order for every case, NaN where undefined."""

    def source_of(self, column: str) -> str:
        """Which program computed a column."""


class Diagnosing(Protocol):
    """An extractor that also has texts to tell of a case."""

    def diagnostics(self, region: Region) -> dict[str, str]:
        """Columns that pass through the table; none unless asked for."""


ORGAN_FAMILY = "_location_"
NO_ORGAN = "no OrganMask was given, which location needs"
WHY_MISSING = "why missing"
"""Beside the measurements of a case: what leaves some of its features undefined."""
HOW_READ = "how read"
"""Beside the measurements of a case: how its files became a region, as JSON."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What one case gave: numbers without a name each, for there may be a hundred thousand cases.

    Attributes:
        names: of the features.
        numbers: their values, float64.
        told: texts by name: diagnostics, how the files became a region, and why features are missing if any is.
        files: the SHA-256 of each.
    """

    names: tuple[str, ...]
    numbers: NDArray[np.float64]
    told: Mapping[str, str]
    files: tuple[str, ...]

    @classmethod
    def of(cls, values: Mapping[str, float | str], files: tuple[str, ...]) -> "Measured":
        """From numbers and texts in one, as the cache keeps them."""
        texts = {name: value for name, value in values.items() if isinstance(value, str)}
        names = tuple(name for name in values if name not in texts)
        return cls(names, np.array([values[name] for name in names], dtype=np.float64), texts, files)

    @property
    def texts(self) -> dict[str, str]:
        """Diagnostics."""
        return {name: text for name, text in self.told.items() if name not in (WHY_MISSING, HOW_READ)}

    @property
    def missing(self) -> set[str]:
        """Names of the features that are undefined."""
        return {self.names[at] for at in np.flatnonzero(np.isnan(self.numbers))}

    @property
    def read(self) -> list[dict[str, Any]]:
        """How its files became a region; of one image."""
        return [json.loads(self.told[HOW_READ])] if HOW_READ in self.told else []


def measure_case(
    extractor: Extractor, settings_key: str, cache: Cache, stage: str, case: Case
) -> Measured | Failure:
    """Measure one case, or say why not."""
    return attempt(case.case, stage, lambda: _measured(extractor, settings_key, cache, case))


def _measured(extractor: Extractor, settings_key: str, cache: Cache, case: Case) -> Measured:
    files = case.digests()
    key = digest_settings([files, case.choices(), settings_key])
    values = cache.get_all(key)
    if values is None:
        region = read_region(case)
        values = _told(extractor, region)
        cache.put(key, values)
    return Measured.of(values, files)


def _told(extractor: Extractor, region: Region) -> dict[str, float | str]:
    """The features of a region, its diagnostics, and why features are missing if any is."""
    told: dict[str, float | str] = {**extractor.extract(region), HOW_READ: json.dumps(dict(region.facts))}
    missing = {name for name, value in told.items() if isinstance(value, float) and isnan(value)}
    if missing:
        reasons = [NO_ORGAN] if region.organ is None and any(ORGAN_FAMILY in name for name in missing) else []
        if any(ORGAN_FAMILY not in name for name in missing):
            reasons.append(degeneracy(region))
        told[WHY_MISSING] = "; ".join(reasons) or degeneracy(region)
    if hasattr(extractor, "diagnostics"):
        told |= cast(Diagnosing, extractor).diagnostics(region)
    return told
