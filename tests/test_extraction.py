"""One extractor over a cohort: broken cases among good ones, the cache, and where every column came from."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from radcompare import registry
from radcompare.cache import Cache
from radcompare.checking import look_at
from radcompare.config import DeepSource, RadiomicsSource
from radcompare.errors import CaseError, ConfigError, DataError
from radcompare.extraction import _numbers, _sharing_names, extract, load_extractor
from radcompare.imaging.region import Region
from radcompare.measurement import Measured, measure_case
from radcompare.parallel import each
from radcompare.tables.cohort import Cohort, read_cohort
from radcompare.tables.features import FeatureTable, read_features, write_features

GOOD = ("a", "b", "c")


class Meter:
    """An extractor whose values are known by arithmetic, and which counts what it was shown."""

    shown: ClassVar[list[str]] = []
    given_settings: ClassVar[dict[str, Any]] = {}

    def __init__(self, source: Any) -> None:
        self.source = source

    def settings(self) -> Mapping[str, Any]:
        return {"extractor": "meter", **self.given_settings}

    def extract(self, region: Region) -> dict[str, float]:
        self.shown.append(region.case)
        if region.image.max() == 666:
            raise ZeroDivisionError("nothing to divide by")
        if region.image.max() == 777:
            raise CaseError(f"case {region.case}: a flat region", "draw another")
        return {
            "voxels": float(region.mask.sum()),
            "mean": float(region.image[region.mask].mean()),
            "largest": float("inf") if region.image.max() == 888 else float(region.image.max()),
        }

    def source_of(self, column: str) -> str:
        return "counter 1.0" if column == "voxels" else "meter 2.0"


@pytest.fixture(autouse=True)
def meter(monkeypatch: pytest.MonkeyPatch) -> type[Meter]:
    """The meter on the menu in place of r219, its counts at zero."""
    monkeypatch.setitem(registry.EXTRACTORS, "r219", f"{__name__}:Meter")
    monkeypatch.setattr(Meter, "shown", [])
    monkeypatch.setattr(Meter, "given_settings", {})
    return Meter


def write(path: Path, array: np.ndarray, spacing: float = 1.0) -> None:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((spacing,) * 3)
    sitk.WriteImage(image, str(path))


def case_files(folder: Path, name: str, value: int = 7, size: int = 2, spacing: float = 1.0) -> None:
    """A cube of `size` voxels on a side and of that value, in a darker image."""
    image = np.full((5, 5, 5), -3, dtype=np.int16)
    mask = np.zeros((5, 5, 5), dtype=np.uint8)
    image[:size, :size, :size] = value
    mask[:size, :size, :size] = 1
    write(folder / f"{name}_image.nii.gz", image)
    write(folder / f"{name}_mask.nii.gz", mask, spacing)


def cohort_of(folder: Path, names: tuple[str, ...] = GOOD) -> Cohort:
    rows = [
        {"ID": n, "Image": f"{n}_image.nii.gz", "Mask": f"{n}_mask.nii.gz", "stage": f"s{n}"} for n in names
    ]
    pd.DataFrame(rows).to_csv(folder / "cohort.csv", index=False)
    return read_cohort(str(folder / "cohort.csv"))


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    for number, name in enumerate(GOOD):
        case_files(tmp_path, name, value=10 + number, size=1 + number)
    return cohort_of(tmp_path)


def run(cohort: Cohort, tmp_path: Path, **settings: Any) -> Any:
    source = RadiomicsSource(extractor="r219")
    return extract(cohort, source, cache=Cache(tmp_path / "cache"), name="handmade", **settings)


def test_every_case_is_measured_and_what_is_known_passes_through(cohort: Cohort, tmp_path: Path) -> None:
    found = run(cohort, tmp_path)
    assert found.failures == ()
    assert found.table.features.to_dict("index") == {
        "a": {"voxels": 1.0, "mean": 10.0, "largest": 10.0},
        "b": {"voxels": 8.0, "mean": 11.0, "largest": 11.0},
        "c": {"voxels": 27.0, "mean": 12.0, "largest": 12.0},
    }
    assert found.table.passthrough["stage"].tolist() == ["sa", "sb", "sc"]
    assert list(found.table.frame().columns) == ["ID", "stage", "voxels", "mean", "largest"]


def break_missing(folder: Path) -> None:
    (folder / "bad_image.nii.gz").unlink()


def break_mask(folder: Path) -> None:
    write(folder / "bad_mask.nii.gz", np.zeros((5, 5, 5), dtype=np.uint8))


def break_grid(folder: Path) -> None:
    case_files(folder, "bad", spacing=2.0)


def break_bytes(folder: Path) -> None:
    (folder / "bad_image.nii.gz").write_bytes(b"not an image")


def break_unexpectedly(folder: Path) -> None:
    case_files(folder, "bad", value=666)


def break_measuring(folder: Path) -> None:
    case_files(folder, "bad", value=777)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (break_missing, "bad_image.nii.gz"),
        (break_mask, "bad_mask.nii.gz"),
        (break_grid, "does not lie on the grid"),
        (break_bytes, "bad_image.nii.gz"),
        (break_unexpectedly, "unexpected ZeroDivisionError: nothing to divide by"),
        (break_measuring, "case bad: a flat region"),
    ],
)
def test_a_broken_case_costs_no_other(cohort: Cohort, tmp_path: Path, spoil: Any, said: str) -> None:
    case_files(tmp_path, "bad")
    spoil(tmp_path)
    found = run(cohort_of(tmp_path, ("a", "bad", "b", "c")), tmp_path)
    assert found.table.ids == ["a", "b", "c"]
    (failure,) = found.failures
    assert (failure.ID, failure.stage) == ("bad", "handmade")
    assert said in failure.problem
    assert failure.hint
    pd.testing.assert_frame_equal(found.table.features, run(cohort, tmp_path).table.features)


def test_a_failure_is_tried_again_when_the_case_is_mended(cohort: Cohort, tmp_path: Path) -> None:
    case_files(tmp_path, "bad", value=666)
    broken = cohort_of(tmp_path, (*GOOD, "bad"))
    assert len(run(broken, tmp_path).failures) == 1
    case_files(tmp_path, "bad", value=5)
    assert run(broken, tmp_path).table.features.loc["bad", "mean"] == 5


def test_a_file_that_may_not_be_read_is_no_fault_of_the_program(
    cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from radcompare.tables import case as case_module

    plain = case_module.digest_input

    def refusing(path: Path | None) -> str:
        if path is not None and path.name == "b_mask.nii.gz":
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path)

    monkeypatch.setattr(case_module, "digest_input", refusing)
    found = run(cohort, tmp_path)
    assert found.table.ids == ["a", "c"]
    assert "Permission denied" in found.failures[0].problem
    assert "fault of radcompare" not in found.failures[0].hint


def test_nothing_measured_is_an_error_that_tells_the_first_reason(cohort: Cohort, tmp_path: Path) -> None:
    for name in GOOD:
        case_files(tmp_path, name, value=777)
    with pytest.raises(
        DataError, match=r"handmade: none of the 3 cases could be measured; .* case a: a flat region"
    ):
        run(cohort, tmp_path)


def test_what_was_measured_is_not_measured_again(cohort: Cohort, tmp_path: Path, meter: type[Meter]) -> None:
    first = run(cohort, tmp_path)
    assert meter.shown == list(GOOD)
    second = run(cohort, tmp_path)
    assert meter.shown == list(GOOD), "the second time nothing"
    pd.testing.assert_frame_equal(first.table.features, second.table.features, check_exact=True)


def test_the_cache_knows_contents_and_not_names(cohort: Cohort, tmp_path: Path, meter: type[Meter]) -> None:
    run(cohort, tmp_path)
    for kind in ("image", "mask"):
        (tmp_path / f"b_{kind}.nii.gz").rename(tmp_path / f"renamed_{kind}.nii.gz")
    found = run(cohort_of(tmp_path, ("renamed",)), tmp_path)
    assert meter.shown == list(GOOD)
    assert found.table.features.loc["renamed", "voxels"] == 8


def test_a_changed_mask_is_measured_again(cohort: Cohort, tmp_path: Path, meter: type[Meter]) -> None:
    run(cohort, tmp_path)
    case_files(tmp_path, "b", value=11, size=4)
    assert run(cohort, tmp_path).table.features.loc["b", "voxels"] == 64
    assert meter.shown == [*GOOD, "b"]


def test_changed_settings_are_measured_again(
    cohort: Cohort, tmp_path: Path, meter: type[Meter], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(cohort, tmp_path)
    monkeypatch.setattr(meter, "given_settings", {"bin_width": 10})
    run(cohort, tmp_path)
    assert meter.shown == [*GOOD, *GOOD]


def test_another_label_is_measured_again(cohort: Cohort, tmp_path: Path, meter: type[Meter]) -> None:
    mask = np.zeros((5, 5, 5), dtype=np.uint8)
    mask[0, 0, :] = [1, 2, 2, 0, 0]
    write(tmp_path / "b_mask.nii.gz", mask)
    files = pd.DataFrame({"ID": ["b"], "Image": ["b_image.nii.gz"], "Mask": ["b_mask.nii.gz"]})
    voxels = []
    for label in (1, 2):
        files.assign(Label=label).to_csv(tmp_path / "labels.csv", index=False)
        labelled = read_cohort(str(tmp_path / "labels.csv"))
        voxels.append(run(labelled, tmp_path).table.features.loc["b", "voxels"])
    assert voxels == [1, 2]


def test_without_a_cache_everything_is_measured(cohort: Cohort, meter: type[Meter]) -> None:
    for _ in range(2):
        extract(cohort, RadiomicsSource(extractor="r219"), cache=Cache(None))
    assert meter.shown == [*GOOD, *GOOD]


def test_a_cache_that_cannot_be_written_stops_the_run_and_says_so(cohort: Cohort, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match=r"cache/.*: cannot be written"):
        run(cohort, tmp_path)


def test_a_wrong_configuration_is_no_failure_of_a_case(
    cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(self: Meter, region: Region) -> dict[str, float]:
        raise ConfigError("a library is missing", "install it")

    monkeypatch.setattr(Meter, "extract", lacking)
    with pytest.raises(ConfigError, match="a library is missing"):
        run(cohort, tmp_path)


def test_two_processes_measure_the_same(cohort: Cohort, tmp_path: Path) -> None:
    one, two = (run(cohort, tmp_path / str(jobs), jobs=jobs).table for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.frame(), two.frame(), check_exact=True)
    assert one.sources == two.sources


def test_infinite_values_become_missing_and_are_told(cohort: Cohort, tmp_path: Path) -> None:
    case_files(tmp_path, "b", value=888)
    table = run(cohort, tmp_path).table
    assert np.isnan(table.features.loc["b", "largest"])
    assert table.features.loc["b", "mean"] == 888
    assert table.notes == ("infinite values are taken as missing in largest",)


def test_columns_are_told_by_the_program_that_computed_them(cohort: Cohort, tmp_path: Path) -> None:
    table = run(cohort, tmp_path).table
    assert [(source["computed_by"], source["columns"]) for source in table.sources] == [
        ("counter 1.0", ["voxels"]),
        ("meter 2.0", ["mean", "largest"]),
    ]
    assert table.sources[0]["settings"] == {"extractor": "meter"}
    before = table.sources[0]["inputs_sha256"]
    assert run(cohort, tmp_path).table.sources[0]["inputs_sha256"] == before
    case_files(tmp_path, "b", value=11, size=4)
    assert run(cohort, tmp_path).table.sources[0]["inputs_sha256"] != before


def test_network_weights_stamp_every_row(
    cohort: Cohort, tmp_path: Path, meter: type[Meter], monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = "untrained (random, seed 1)"
    monkeypatch.setattr(meter, "given_settings", {"network": "cnn-f", "weights": stamp})
    table = run(cohort, tmp_path).table
    assert table.passthrough["weights_cnn-f"].tolist() == [stamp] * 3
    assert "weights_cnn-f" not in table.features


def test_a_table_and_its_sidecar_are_read_back(cohort: Cohort, tmp_path: Path) -> None:
    table = run(cohort, tmp_path).table
    write_features(table, tmp_path / "out.csv", {"versions": {"numpy": np.__version__}})
    read = read_features(str(tmp_path / "out.csv"), outcome="stage")
    pd.testing.assert_frame_equal(read.features, table.features, check_exact=True)
    assert isinstance(read, FeatureTable)
    assert list(read.sources) == list(table.sources)
    meta = json.loads((tmp_path / "out.meta.json").read_text())
    assert meta["features"] == ["voxels", "mean", "largest"]


def test_a_cohort_with_a_column_of_a_features_name_is_refused(tmp_path: Path, cohort: Cohort) -> None:
    frame = pd.read_csv(tmp_path / "cohort.csv").assign(mean=0.0)
    frame.to_csv(tmp_path / "cohort.csv", index=False)
    with pytest.raises(DataError, match="the cohort has a column 'mean'"):
        run(read_cohort(str(tmp_path / "cohort.csv")), tmp_path)


def test_settings_that_cannot_be_met_are_refused_before_any_case() -> None:
    source = DeepSource(network="cnn-f", weights="no-such-file.mat", layer="full7")
    with pytest.raises(ConfigError, match=r"no-such-file\.mat"):
        load_extractor(source)


def test_check_tells_problems_of_all_cases_and_measures_nothing(
    cohort: Cohort, tmp_path: Path, meter: type[Meter]
) -> None:
    break_missing_of = tmp_path / "b_image.nii.gz"
    break_missing_of.unlink()
    write(tmp_path / "c_mask.nii.gz", np.zeros((5, 5, 5), dtype=np.uint8))
    found = [problem for case in cohort.cases for problem in look_at(case).problems]
    assert [problem.case for problem in found if problem.severity == "error"] == ["b", "c"]
    assert meter.shown == []


def test_missing_values_have_a_reason(tmp_path: Path) -> None:
    case_files(tmp_path, "voxel", size=1)
    case_files(tmp_path, "flat", size=3)
    found = extract(
        cohort_of(tmp_path, ("voxel", "flat")),
        RadiomicsSource(extractor="pyradiomics"),
        cache=Cache(tmp_path / "c"),
    )
    (source,) = found.table.sources
    (missing,) = source["missing"]
    assert missing["reason"] == "the region is a single voxel"
    assert missing["cases"] == ["voxel"]
    empty = found.table.features.columns[found.table.features.loc["voxel"].isna()]
    assert missing["columns"] == list(empty)
    assert found.missing_in_words() == ["missing values in 1 case (voxel): the region is a single voxel"]
    again = extract(
        cohort_of(tmp_path, ("voxel", "flat")),
        RadiomicsSource(extractor="pyradiomics"),
        cache=Cache(tmp_path / "c"),
    )
    assert again.table.sources == found.table.sources  # of the cache, too


def test_location_without_an_organ_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.EXTRACTORS, "r219", "radcompare.radiomics.r219:R219")
    write(
        tmp_path / "a_image.nii.gz", np.random.default_rng(1).integers(-50, 200, (5, 6, 7)).astype(np.int16)
    )
    write(tmp_path / "a_mask.nii.gz", np.pad(np.ones((3, 4, 5), np.uint8), 1))
    found = extract(cohort_of(tmp_path, ("a",)), RadiomicsSource(extractor="r219"), cache=Cache(None))
    assert found.missing_in_words() == [
        "missing values in 1 case (a): no OrganMask was given, which location needs"
    ]


def test_diagnostics_pass_through(tmp_path: Path) -> None:
    case_files(tmp_path, "a", size=3)
    source = RadiomicsSource(extractor="pyradiomics", diagnostics=True)
    for _ in range(2):  # measured, and from the cache
        table = extract(cohort_of(tmp_path, ("a",)), source, cache=Cache(tmp_path / "c")).table
        assert table.passthrough.loc["a", "diagnostics_Mask-original_VoxelNum"] == "27"
        assert not [name for name in table.features.columns if name.startswith("diagnostics_")]
        assert len(table.features.columns) == 107


def test_diagnostics_do_not_take_the_place_of_a_column(tmp_path: Path) -> None:
    case_files(tmp_path, "a", size=3)
    cohort_of(tmp_path, ("a",))
    frame = pd.read_csv(tmp_path / "cohort.csv").assign(**{"diagnostics_Mask-original_VoxelNum": 5})
    frame.to_csv(tmp_path / "cohort.csv", index=False)
    source = RadiomicsSource(extractor="pyradiomics", diagnostics=True)
    with pytest.raises(DataError, match="the cohort has a column 'diagnostics_Mask-original_VoxelNum'"):
        extract(read_cohort(str(tmp_path / "cohort.csv")), source, cache=Cache(None))


def test_every_case_holds_the_same_names_of_features(cohort: Cohort, tmp_path: Path) -> None:
    work = partial(measure_case, Meter(None), "key", Cache(None), "stage")
    here = list(_sharing_names(each(work, cohort.cases, jobs=1)))
    there = list(_sharing_names(each(work, cohort.cases, jobs=2)))
    assert len({id(found.names) for found in there if isinstance(found, Measured)}) == 1
    for one, other in zip(here, there, strict=True):
        assert isinstance(one, Measured)
        assert isinstance(other, Measured)
        assert (one.names, one.told, one.files) == (other.names, other.told, other.files)
        np.testing.assert_array_equal(one.numbers, other.numbers)


def test_cases_with_other_features_keep_their_own_in_a_common_table() -> None:
    measured = {
        "b": Measured.of({"x": 1.0, "text": "t", "y": float("nan")}, ("", "", "")),
        "a": Measured.of({"y": 2.0, "z": 3.0}, ("", "", "")),
        "c": Measured.of({"x": 4.0, "y": 5.0}, ("", "", "")),
    }
    table = _numbers(measured)
    assert table.index.name == "ID"
    assert table.to_dict("index") == {
        "b": {
            "x": 1.0,
            "y": pytest.approx(float("nan"), nan_ok=True),
            "z": pytest.approx(float("nan"), nan_ok=True),
        },
        "a": {"x": pytest.approx(float("nan"), nan_ok=True), "y": 2.0, "z": 3.0},
        "c": {"x": 4.0, "y": 5.0, "z": pytest.approx(float("nan"), nan_ok=True)},
    }
    assert measured["b"].missing == {"y"}
    assert measured["b"].texts == {"text": "t"}
