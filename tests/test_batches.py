"""Cases in batches: each is measured as it would be alone, whatever is before, beside or behind it."""

import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare import batches, registry
from radcompare.batches import AHEAD, MeasuredRow, measure_in_batches
from radcompare.cache import Cache
from radcompare.errors import CaseError, ConfigError, DataError, MissingLibraryError, WeightsError
from radcompare.extraction import extract
from radcompare.imaging.phantom import write_cohort
from radcompare.imaging.reading import read_region
from radcompare.imaging.region import Region
from radcompare.parallel import silent
from radcompare.settings import Phantom
from radcompare.source_settings import DeepSource
from radcompare.tables import case as case_module
from radcompare.tables.case import Case, Failure
from radcompare.tables.cohort import Cohort, read_cohort

NO_DIVISION, FLAT, NOT_FINITE = 666, 777, 888
"""Intensities that an extractor stumbles over."""
PATIENCE_S = 20.0

Named = tuple[str, Sequence[Case]]


@dataclass(frozen=True, eq=False)
class Shown:
    pictures: NDArray[np.float32]
    facts: Mapping[str, float]


@dataclass
class Meter:
    """Picture k of an image of value v holds v + k / 8 four times over, so that the answers are known by arithmetic.

    A case has as many pictures of every image as `pictures` says, or 1 + v % 3.
    """

    batch: int = 4
    pictures: int | None = None
    shown: list[str] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    on_show: Callable[[str], object] = str
    on_read: Callable[[], object] = object

    def show(self, regions: Sequence[Region]) -> Shown:
        self.shown.append(regions[0].case)
        self.regions.extend(regions)
        self.on_show(regions[0].case)
        pictures = [picture for region in regions for picture in self._pictures(region)]
        volume = float(np.count_nonzero(regions[0].mask))
        return Shown(np.array(pictures, dtype=np.float32), {"volume": volume})

    def _pictures(self, region: Region) -> list[NDArray[np.float32]]:
        value = int(region.image.max())
        if value == NO_DIVISION:
            raise ZeroDivisionError("nothing to divide by")
        if value == FLAT:
            raise CaseError(f"{region.case}: a flat region", "draw another")
        number = 1 + value % 3 if self.pictures is None else self.pictures
        return [np.full((1, 2, 2), value + k / 8, dtype=np.float32) for k in range(number)]

    def read(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        self.on_read()
        self.sizes.append(len(pictures))
        return np.stack([pictures.sum(axis=(1, 2, 3)), pictures.max(axis=(1, 2, 3))], axis=1)

    def combine(self, case: str, shown: Shown, answers: NDArray[np.float32]) -> NDArray[np.float32]:
        assert len(answers) == len(shown.pictures)
        if answers.max() >= 4 * NOT_FINITE:
            raise CaseError(f"{case}: answers that are not finite", "other weights")
        return answers.ravel()


def answers(value: int, pictures: int | None = None) -> list[float]:
    """What a `Meter` gives for an image of that value."""
    number = 1 + value % 3 if pictures is None else pictures
    return [each for k in range(number) for each in (4 * (value + k / 8), value + k / 8)]


def write(path: Path, array: NDArray[Any]) -> Path:
    sitk.WriteImage(sitk.GetImageFromArray(array), str(path))
    return path


def case_of(folder: Path, name: str, value: float) -> Named:
    """Two voxels of that value in a darker image, and their mask."""
    image = np.full((2, 3, 3), -3, dtype=np.float32)
    image[0, 1, :2] = value
    mask = (image > -3).astype(np.uint8) if np.isfinite(value) else np.isnan(image).astype(np.uint8)
    return name, [
        Case(name, write(folder / f"{name}_image.nii", image), write(folder / f"{name}_mask.nii", mask))
    ]


def cases_of(folder: Path, values: Iterable[int]) -> list[Named]:
    return [case_of(folder, f"case{number}", value) for number, value in enumerate(values)]


def measured(
    meter: Meter, cases: Sequence[Named], cache: Cache | None = None, *, jobs: int = 1, settings: str = "key"
) -> list[MeasuredRow | Failure]:
    keep = Cache(None) if cache is None else cache
    return list(measure_in_batches(meter, settings, keep, "stage", cases, jobs=jobs, progress=silent))


def values_of(found: Iterable[MeasuredRow | Failure]) -> list[list[float] | str]:
    """The values of every case; the ID of one that failed."""
    return [each.ID if isinstance(each, Failure) else each.row.values.tolist() for each in found]


def test_cases_come_in_their_order_with_their_own_values(tmp_path: Path) -> None:
    values = [7, 3, 12, 5, 5, 11, 2, 100, 1, 6, 4]
    found = measured(Meter(), cases_of(tmp_path, values))
    assert values_of(found) == [answers(value) for value in values]
    rows = [each.row for each in found if isinstance(each, MeasuredRow)]
    assert [row.facts for row in rows] == [{"volume": 2.0}] * len(values)
    assert all(row.values.dtype == np.float32 for row in rows)


def test_a_slow_case_keeps_its_place(tmp_path: Path) -> None:
    values = list(range(10, 22))
    overtaken = threading.Event()

    def wait_to_be_overtaken(case: str) -> None:
        if case == "case5":
            overtaken.set()
        elif case == "case0":
            assert overtaken.wait(PATIENCE_S)

    found = measured(Meter(batch=3, on_show=wait_to_be_overtaken), cases_of(tmp_path, values), jobs=3)
    assert values_of(found) == [answers(value) for value in values]


def test_no_case_is_no_batch(tmp_path: Path) -> None:
    meter = Meter()
    assert measured(meter, []) == []
    assert meter.sizes == []


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_the_number_of_jobs_does_not_change_the_result(jobs: int, tmp_path: Path) -> None:
    cases = cases_of(tmp_path, [3, 9, 1, FLAT, 8, 2, 14, NO_DIVISION, 20, 5, 6, 10])

    def uneven(case: str) -> None:
        time.sleep(0.004 * (int(case.removeprefix("case")) % 3))

    meter = Meter(on_show=uneven)
    found = measured(meter, cases, jobs=jobs)
    values = [3, 9, 1, None, 8, 2, 14, None, 20, 5, 6, 10]
    expected = [f"case{at}" if each is None else answers(each) for at, each in enumerate(values)]
    assert values_of(found) == expected
    assert meter.sizes == [4, 4, 4, 4, 4, 2]  # 1 + v % 3 pictures of each


def spoil_image(folder: Path) -> None:
    (folder / "bad_image.nii").unlink()


def spoil_mask(folder: Path) -> None:
    (folder / "bad_mask.nii").unlink()


def spoil_bytes(folder: Path) -> None:
    (folder / "bad_image.nii").write_bytes(b"not an image")


def spoil_region(folder: Path) -> None:
    write(folder / "bad_mask.nii", np.zeros((2, 3, 3), dtype=np.uint8))


def spoil_with(value: float) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        case_of(folder, "bad", value)

    return spoil


@pytest.mark.parametrize("place", [0, 2, 5])
@pytest.mark.parametrize(
    ("spoil", "said", "hint"),
    [
        (spoil_image, "bad_image.nii", ""),
        (spoil_mask, "bad_mask.nii", ""),
        (spoil_bytes, "bad_image.nii", ""),
        (spoil_region, "bad_mask.nii", ""),
        (spoil_with(np.nan), "NaN or infinite", "mend the image"),
        (spoil_with(FLAT), "bad: a flat region", "draw another"),
        (spoil_with(NOT_FINITE), "bad: answers that are not finite", "other weights"),
        (spoil_with(NO_DIVISION), "unexpected ZeroDivisionError: nothing to divide by", "please report it"),
    ],
    ids=["image", "mask", "bytes", "empty", "NaN", "show", "combine", "unexpected"],
)
def test_a_broken_case_costs_no_other(
    tmp_path: Path, spoil: Callable[[Path], None], said: str, hint: str, place: int
) -> None:
    good = cases_of(tmp_path, [7, 8, 9, 10, 11])
    bad = case_of(tmp_path, "bad", 5)
    spoil(tmp_path)
    found = measured(Meter(), [*good[:place], bad, *good[place:]])
    failure = found.pop(place)
    assert isinstance(failure, Failure)
    assert (failure.ID, failure.stage) == ("bad", "stage")
    assert said in failure.problem
    assert failure.hint
    assert hint in failure.hint
    alone = [measured(Meter(), [case]) for case in good]
    assert values_of(found) == [answers(value) for value in (7, 8, 9, 10, 11)]
    assert values_of(found) == [values for one in alone for values in values_of(one)]


def test_a_file_that_may_not_be_read_is_no_fault_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = case_module.digest_input

    def refusing(path: Path | None) -> str:
        if path is not None and path.name == "case1_mask.nii":
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path)

    monkeypatch.setattr(case_module, "digest_input", refusing)
    found = measured(Meter(), cases_of(tmp_path, [4, 5, 6]))
    assert values_of(found) == [answers(4), "case1", answers(6)]
    assert isinstance(found[1], Failure)
    assert "Permission denied" in found[1].problem
    assert "fault of radcompare" not in found[1].hint


def test_nothing_but_broken_cases_is_nothing_but_failures(tmp_path: Path) -> None:
    meter = Meter()
    found = measured(meter, cases_of(tmp_path, [FLAT, NO_DIVISION, FLAT]))
    assert values_of(found) == ["case0", "case1", "case2"]
    assert meter.sizes == []


@pytest.mark.parametrize("error", [ConfigError, MissingLibraryError, WeightsError])
def test_a_wrong_configuration_found_when_showing_stops_everything(
    tmp_path: Path, error: type[ConfigError]
) -> None:
    def lacking(case: str) -> None:
        if case == "case3":
            raise error("cannot be met", "change it")

    meter = Meter(on_show=lacking)
    with pytest.raises(error, match="cannot be met"):
        measured(meter, cases_of(tmp_path, range(10, 70)))
    assert "case3" in meter.shown
    assert len(meter.shown) <= 4 + AHEAD * meter.batch


def test_a_wrong_configuration_found_when_reading_stops_everything(tmp_path: Path) -> None:
    def lacking() -> None:
        raise WeightsError("the file has changed", "run again")

    meter = Meter(on_read=lacking)
    with pytest.raises(WeightsError, match="the file has changed"):
        measured(meter, cases_of(tmp_path, range(10, 70)))
    assert len(meter.shown) <= 2 + AHEAD * meter.batch, "two cases fill the first batch"


def test_a_cache_that_cannot_be_written_stops_everything_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match=r"cache/.*: cannot be written"):
        measured(Meter(), cases_of(tmp_path, [3, 4]), Cache(tmp_path / "cache"))


def test_what_was_measured_is_neither_shown_nor_read_again(tmp_path: Path) -> None:
    cases, cache = cases_of(tmp_path, range(20, 30)), Cache(tmp_path / "cache")
    first = measured(half := Meter(), cases[:5], cache)
    assert sorted(half.shown) == [f"case{at}" for at in range(5)]
    whole = measured(rest := Meter(), cases, cache)
    assert sorted(rest.shown) == [f"case{at}" for at in range(5, 10)]
    assert sum(rest.sizes) == sum(1 + value % 3 for value in range(25, 30))
    assert values_of(whole) == [answers(value) for value in range(20, 30)]
    assert values_of(whole[:5]) == values_of(first)
    again = measured(idle := Meter(), cases, cache)
    assert (idle.shown, idle.sizes) == ([], [])
    assert values_of(again) == values_of(whole)
    for now, before in zip(again, whole, strict=True):
        assert isinstance(now, MeasuredRow)
        assert isinstance(before, MeasuredRow)
        assert (now.files, now.row.facts) == (before.files, before.row.facts)


def test_a_run_that_was_stopped_goes_on_where_it_stopped(tmp_path: Path) -> None:
    cases, cache = cases_of(tmp_path, range(20, 40)), Cache(tmp_path / "cache")

    def power_cut() -> None:
        if len(stopped.sizes) == 2:
            raise KeyboardInterrupt

    stopped = Meter(pictures=1, on_read=power_cut)
    with pytest.raises(KeyboardInterrupt):
        measured(stopped, cases, cache)
    found = measured(rest := Meter(pictures=1), cases, cache)
    assert sorted(rest.shown) == sorted(f"case{at}" for at in range(8, 20)), "two batches of four were kept"
    assert values_of(found) == [answers(value, 1) for value in range(20, 40)]


def test_cases_of_the_cache_among_others_keep_their_places(tmp_path: Path) -> None:
    cases, cache = cases_of(tmp_path, range(20, 30)), Cache(tmp_path / "cache")
    measured(Meter(), cases[1::2], cache)
    found = measured(meter := Meter(), cases, cache)
    assert sorted(meter.shown) == [f"case{at}" for at in range(0, 10, 2)]
    assert values_of(found) == [answers(value) for value in range(20, 30)]


def test_a_failure_is_tried_again_when_the_case_is_mended(tmp_path: Path) -> None:
    cases, cache = cases_of(tmp_path, [3, FLAT, 5]), Cache(tmp_path / "cache")
    assert values_of(measured(Meter(), cases, cache)) == [answers(3), "case1", answers(5)]
    case_of(tmp_path, "case1", 4)
    found = measured(meter := Meter(), cases, cache)
    assert values_of(found) == [answers(3), answers(4), answers(5)]
    assert meter.shown == ["case1"]


def cut_in_half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_end(content: bytes) -> bytes:
    return content[:-1]


def other_number(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def without_checksum(content: bytes) -> bytes:
    return content.partition(b"\n")[2]


def emptied(content: bytes) -> bytes:
    return content[:0]


def on_one_line(content: bytes) -> bytes:
    return content.replace(b"\n", b"")


def not_text(content: bytes) -> bytes:
    return b"\xff\xfe" + content


@pytest.mark.parametrize(
    "damage", [cut_in_half, without_end, other_number, without_checksum, emptied, on_one_line, not_text]
)
def test_a_damaged_entry_of_the_cache_is_measured_anew(
    damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    cases, cache = cases_of(tmp_path, [6, 7, 8]), Cache(tmp_path / "cache")
    measured(Meter(), cases[1:2], cache)
    (entry,) = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    measured(Meter(), cases, cache)
    intact = entry.read_bytes()
    assert damage(intact) != intact
    entry.write_bytes(damage(intact))
    found = measured(meter := Meter(), cases, cache)
    assert meter.shown == ["case1"]
    assert values_of(found) == [answers(6), answers(7), answers(8)]
    assert entry.read_bytes() == intact
    measured(idle := Meter(), cases, cache)
    assert idle.shown == []


def test_the_cache_knows_contents_and_not_names(tmp_path: Path) -> None:
    cases, cache = cases_of(tmp_path, [6, 7]), Cache(tmp_path / "cache")
    measured(Meter(), cases, cache)
    renamed = [("other", [replace(images[0], case="other")]) for _, images in cases[1:]]
    for kind in ("image", "mask"):
        path = tmp_path / f"case1_{kind}.nii"
        moved = path.rename(tmp_path / f"moved_{kind}.nii")
        renamed = [(name, [replace(images[0], **{kind: moved})]) for name, images in renamed]
    found = measured(meter := Meter(), renamed, cache)
    assert meter.shown == []
    assert values_of(found) == [answers(7)]


def test_what_changes_the_values_is_measured_again(tmp_path: Path) -> None:
    (name, [case]), cache = case_of(tmp_path, "a", 6), Cache(tmp_path / "cache")
    variants = {
        "as it was": (case, "key"),
        "settings": (case, "another key"),
        "label": (replace(case, label=1), "key"),
        "modality": (replace(case, modality="MR"), "key"),
    }
    for asked, settings in variants.values():
        measured(first := Meter(), [(name, [asked])], cache, settings=settings)
        measured(second := Meter(), [(name, [asked])], cache, settings=settings)
        assert (first.shown, second.shown) == (["a"], [])
    case_of(tmp_path, "a", 9)
    found = measured(changed := Meter(), [(name, [case])], cache)
    assert changed.shown == ["a"]
    assert values_of(found) == [answers(9)]


def test_without_a_cache_everything_is_measured(tmp_path: Path) -> None:
    cases = cases_of(tmp_path, [6, 7])
    for _ in range(2):
        measured(meter := Meter(), cases)
        assert sorted(meter.shown) == ["case0", "case1"]


def test_images_of_a_case_are_shown_together_in_their_order(tmp_path: Path) -> None:
    _, [t1] = case_of(tmp_path, "t1", 30)
    _, [t2] = case_of(tmp_path, "t2", 10)
    images = [replace(t1, case="a", modality="T1"), replace(t2, case="a", modality="T2")]
    cache = Cache(tmp_path / "cache")
    (found,) = measured(meter := Meter(pictures=2), [("a", images)], cache)
    assert values_of([found]) == [answers(30, 2) + answers(10, 2)]
    assert [region.modality for region in meter.regions] == ["T1", "T2"]
    assert isinstance(found, MeasuredRow)
    assert len(set(found.files)) == 3, "two images and a mask that is the same twice"
    turned = [replace(t2, case="a", modality="T1"), replace(t1, case="a", modality="T2")]
    again = measured(other := Meter(pictures=2), [("a", turned)], cache)
    assert values_of(again) == [answers(10, 2) + answers(30, 2)], "the order is part of the cache's key"
    assert other.shown == ["a"]


def test_the_label_of_a_case_chooses_its_region(tmp_path: Path) -> None:
    name, [case] = case_of(tmp_path, "a", 6)
    mask = np.zeros((2, 3, 3), dtype=np.uint8)
    mask[0, 1] = [1, 2, 2]
    write(case.mask, mask)
    found = [measured(Meter(), [(name, [replace(case, label=label)])])[0] for label in (1, 2)]
    assert [each.row.facts["volume"] for each in found if isinstance(each, MeasuredRow)] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("batch", "pictures", "expected"),
    [
        (4, 3, [4, 4, 4, 4, 4, 1]),
        (4, 1, [4, 3]),
        (4, 8, [4] * 14),
        (5, 3, [5, 5, 5, 5, 1]),
        (16, 5, [16, 16, 3]),
        (1, 2, [1] * 14),
        (64, 3, [21]),
    ],
)
def test_batches_are_full_across_cases_and_never_larger(
    batch: int, pictures: int, expected: list[int], tmp_path: Path
) -> None:
    meter = Meter(batch=batch, pictures=pictures)
    found = measured(meter, cases_of(tmp_path, range(10, 17)))
    assert meter.sizes == expected
    assert values_of(found) == [answers(value, pictures) for value in range(10, 17)]


def test_cases_without_pictures_leave_no_gap_in_a_batch(tmp_path: Path) -> None:
    cases, cache = cases_of(tmp_path, [10, 11, FLAT, 12, 13, 14, NO_DIVISION, 15, 16]), Cache(tmp_path / "c")
    measured(Meter(pictures=2), cases[1:2], cache)
    found = measured(meter := Meter(pictures=2), cases, cache)
    assert meter.sizes == [4, 4, 4]  # six cases are left
    values = [10, 11, None, 12, 13, 14, None, 15, 16]
    assert values_of(found) == [
        f"case{at}" if each is None else answers(each, 2) for at, each in enumerate(values)
    ]


@pytest.mark.parametrize("jobs", [1, 3])
def test_memory_holds_a_few_batches_however_many_cases_there_are(jobs: int, tmp_path: Path) -> None:
    alive: weakref.WeakSet[Shown] = weakref.WeakSet()
    held: list[int] = []
    begun: list[int] = []

    class Watched(Meter):
        def show(self, regions: Sequence[Region]) -> Shown:
            shown = super().show(regions)
            alive.add(shown)
            return shown

    meter = Watched(batch=4, pictures=1)

    def count() -> None:
        time.sleep(0.002)  # for the readers to be as far ahead as they may
        begun.append(len(meter.shown))
        held.append(len(alive))

    meter.on_read = count
    cases = [(f"case{at}", images) for at, (_, images) in enumerate(cases_of(tmp_path, [5]) * 200)]
    measured(meter, cases, jobs=jobs)
    assert len(meter.shown) == 200
    assert meter.sizes == [4] * 50
    few = (AHEAD + 1) * meter.batch
    assert begun[0] <= few
    assert all(number <= 4 * at + few for at, number in enumerate(begun))
    assert max(held) <= few + meter.batch


def test_the_next_cases_are_read_while_the_network_looks(tmp_path: Path) -> None:
    further = threading.Event()

    def note(case: str) -> None:
        if case == "case5":
            further.set()

    waited: list[bool] = []
    meter = Meter(batch=4, pictures=1, on_show=note, on_read=lambda: waited.append(further.wait(PATIENCE_S)))
    measured(meter, cases_of(tmp_path, range(10, 20)))
    assert waited == [True] * 3


def test_values_are_handed_on_before_the_last_case_is_read_and_nobody_reads_on(tmp_path: Path) -> None:
    def slowly(case: str) -> None:
        if int(case.removeprefix("case")) >= 16:
            time.sleep(0.02)

    meter = Meter(batch=16, pictures=1, on_show=slowly)
    cases = cases_of(tmp_path, range(10, 70))
    running = measure_in_batches(meter, "key", Cache(None), "stage", cases, jobs=1, progress=silent)
    assert values_of([next(running)]) == [answers(10, 1)]
    del running
    shown = len(meter.shown)
    assert 16 <= shown < (AHEAD + 1) * meter.batch, "those that wait for their turn are given up"
    time.sleep(0.1)
    assert len(meter.shown) == shown


def test_progress_is_told_after_every_case(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    cases, cache = cases_of(tmp_path, [6, FLAT, 8, 9]), Cache(tmp_path / "cache")
    measured(Meter(), cases[:1], cache)
    running = measure_in_batches(
        Meter(), "key", cache, "deep", cases, jobs=1, progress=lambda *said: told.append(said)
    )
    assert len(list(running)) == 4
    assert told == [("deep: cases", done, 4) for done in range(5)]


class Network:
    """A meter as `extract` wants it: the least, mean and largest intensity in the region of a case."""

    shown: ClassVar[list[str]] = []
    sizes: ClassVar[list[int]] = []
    slug = "meter"
    columns: ClassVar[list[str]] = ["least", "mean", "largest"]
    rectified = np.zeros(3, dtype=bool)

    def __init__(self, source: DeepSource) -> None:
        self.batch = source.batch

    def settings(self) -> Mapping[str, Any]:
        return {"network": "meter", "weights": "none"}

    def source_of(self, _column: str) -> str:
        return "meter 1.0"

    def remarks(self) -> Mapping[str, Any]:
        return {}

    def show(self, regions: Sequence[Region]) -> Shown:
        (region,) = regions
        self.shown.append(region.case)
        inside = region.image[region.mask].astype(np.float64)
        pictures = np.array([inside.min(), inside.mean(), inside.max()], dtype=np.float32)
        return Shown(pictures.reshape(3, 1, 1, 1), {"volume": float(inside.size), "beyond": 0.0})

    def read(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        self.sizes.append(len(pictures))
        return pictures.reshape(len(pictures), 1)

    def combine(self, _case: str, _shown: Shown, answers: NDArray[np.float32]) -> NDArray[np.float32]:
        return answers.ravel()


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> type[Network]:
    """The meter on the menu in place of deep networks, its counts at zero."""
    monkeypatch.setitem(registry.EXTRACTORS, "deep", f"{__name__}:Network")
    monkeypatch.setattr(Network, "shown", [])
    monkeypatch.setattr(Network, "sizes", [])
    return Network


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cohort, to be copied."""
    return write_cohort(Phantom(cases=4), tmp_path_factory.mktemp("phantoms")).parent


@pytest.fixture
def phantoms(written: Path, tmp_path: Path) -> Cohort:
    return read_cohort(str(shutil.copytree(written, tmp_path / "cohort") / "cohort.csv"))


SOURCE = DeepSource(network="cnn-f", weights="random", layer="full7", batch=5)


def least_mean_and_largest(case: Case) -> list[float]:
    region = read_region(case)
    inside = region.image[region.mask].astype(np.float64)
    return [float(np.float32(value)) for value in (inside.min(), inside.mean(), inside.max())]


def test_a_cohort_becomes_a_table_in_its_order(
    phantoms: Cohort, tmp_path: Path, network: type[Network]
) -> None:
    found = extract(phantoms, SOURCE, cache=Cache(tmp_path / "cache"))
    assert found.failures == ()
    assert list(found.table.features.columns) == network.columns
    assert found.table.ids == [case.case for case in phantoms.cases]
    expected = [least_mean_and_largest(case) for case in phantoms.cases]
    assert found.table.features.to_numpy().tolist() == expected
    assert network.sizes == [5, 5, 2]


def test_a_cohort_of_which_half_was_measured_is_finished(
    phantoms: Cohort, tmp_path: Path, network: type[Network]
) -> None:
    names = [case.case for case in phantoms.cases]
    half = replace(phantoms, cases=phantoms.cases[:2], columns=phantoms.columns.iloc[:2])
    extract(half, SOURCE, cache=Cache(tmp_path / "cache"))
    assert sorted(network.shown) == names[:2]
    whole = extract(phantoms, SOURCE, cache=Cache(tmp_path / "cache"), jobs=2)
    assert sorted(network.shown) == names, "each of them once"
    fresh = extract(phantoms, SOURCE, cache=Cache(None))
    assert len(network.shown) == 8
    pd.testing.assert_frame_equal(whole.table.frame(), fresh.table.frame(), check_exact=True)
    assert whole.table.sources == fresh.table.sources


def test_a_broken_case_of_a_cohort_is_left_out_and_told(
    phantoms: Cohort, tmp_path: Path, network: type[Network]
) -> None:
    whole = extract(phantoms, SOURCE, cache=Cache(None))
    lost = phantoms.cases[1]
    lost.image.unlink()
    found = extract(phantoms, SOURCE, cache=Cache(tmp_path / "cache"), name="net")
    (failure,) = found.failures
    assert (failure.ID, failure.stage) == (lost.case, "net")
    assert lost.image.name in failure.problem
    pd.testing.assert_frame_equal(
        found.table.features, whole.table.features.drop(index=lost.case), check_exact=True
    )


def test_a_cohort_without_a_good_case_is_an_error_that_tells_the_first_reason(
    phantoms: Cohort, network: type[Network]
) -> None:
    for case in phantoms.cases:
        case.mask.unlink()
    first = phantoms.cases[0].mask.name
    with pytest.raises(DataError, match=f"deep: none of the 4 cases could be measured; .*{first}"):
        extract(phantoms, SOURCE, cache=Cache(None))
    assert network.shown == []


@pytest.mark.parametrize(
    ("error", "stops"), [(ZeroDivisionError("nothing"), False), (WeightsError("wrong", "other"), True)]
)
def test_what_goes_wrong_in_combining_costs_one_case_or_concerns_all(
    error: Exception, stops: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def combine(_self: Meter, case: str, _shown: Shown, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        if case == "b":
            raise error
        return rows.ravel()

    monkeypatch.setattr(Meter, "combine", combine)
    cases = [case_of(tmp_path, name, value) for name, value in (("a", 3), ("b", 6), ("c", 9))]
    measured = measure_in_batches(Meter(), "key", Cache(None), "deep", cases, jobs=1, progress=silent)
    if stops:
        with pytest.raises(WeightsError):
            list(measured)
    else:
        a, b, c = measured
        assert isinstance(b, Failure)
        assert b.problem == "unexpected ZeroDivisionError: nothing"
        assert isinstance(a, MeasuredRow)
        assert isinstance(c, MeasuredRow)


def test_cases_of_many_pictures_are_read_no_further_ahead_than_batches_of_pictures(tmp_path: Path) -> None:
    cases = cases_of(tmp_path, range(1, 60))
    meter = Meter(batch=8, pictures=8)
    first = iter(measure_in_batches(meter, "key", Cache(None), "deep", cases, jobs=1, progress=silent))
    for _ in range(20):
        next(first)
    assert len(meter.shown) <= 20 + 1 + max(batches.READERS, AHEAD) + batches.READERS
