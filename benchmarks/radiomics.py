"""Handcrafted features: radcompare against pyradiomics, same features, same run, one core.

    python benchmarks/radiomics.py [--cohort COHORT.csv] [--tumour IMAGE MASK] [--repeats 3]

Whole processes, from their start to the table on disk, against pyradiomics' own command line: the 107 features of its
default settings of every case of the cohort (for example nodules of LIDC-IDRI), then original, wavelet and LoG images
of the same, then radcompare alone with one job and with two. In process, files read included: a tumour of 110,000
voxels, the one given or a made one in a CT of 128³. Values are compared before times are told; memory is the peak of
the process. MIRP measures the tumour with the same bin width, where it is installed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import SimpleITK as sitk
from scipy.ndimage import gaussian_filter

BIN = Path(sys.executable).parent
ONE_CORE = {"OMP_NUM_THREADS": "1", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
FILTERS = "imageType: {Original: {}, Wavelet: {}, LoG: {sigma: [1.0, 3.0]}}\nsetting: {binWidth: 25}\n"
IN_PROCESS = {
    "radcompare": """
from radcompare.extraction import load_extractor
from radcompare.imaging.reading import read_region
from radcompare.tables.case import Case
from radcompare.source_settings import RadiomicsSource
from pathlib import Path
extractor = load_extractor(RadiomicsSource(extractor="pyradiomics"))
def measure():
    return extractor.extract(read_region(Case("tumour", Path(image), Path(mask))))
""",
    "pyradiomics": """
import radiomics, radiomics.featureextractor
radiomics.setVerbosity(60)
extractor = radiomics.featureextractor.RadiomicsFeatureExtractor()
def measure():
    found = extractor.execute(image, mask)
    return {name: float(value) for name, value in found.items() if name.startswith("original_")}
""",
    "MIRP": """
import logging, mirp
logging.disable(logging.CRITICAL)
def measure():
    options = dict(base_discretisation_method="fixed_bin_size", base_discretisation_bin_width=25.0)
    limits = dict(image_modality="ct", resegmentation_intensity_range=[-1000.0, 4000.0])
    mirp.extract_features(image=image, mask=mask, **options, **limits)
    return {}
""",
}
WATCHED = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
took = time.perf_counter() - start
print(json.dumps([code, took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]))
"""
"""A small process that starts another: what starts it counts among the memory of a process at first."""
TIMED = """
import json, sys, time
image, mask, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
{measure}
measure()
times = []
for _ in range(repeats):
    start = time.perf_counter()
    values = measure()
    times.append(time.perf_counter() - start)
print(json.dumps([times, values]))
"""


def made_tumour(folder: Path) -> tuple[Path, Path]:
    """A ball of 110,000 voxels with correlated intensities, in soft tissue."""
    rng = np.random.default_rng(1)
    noise = gaussian_filter(rng.normal(size=(128, 128, 128)), 1.0)
    image = sitk.GetImageFromArray((40 + 300 * noise).astype(np.int16))
    z, y, x = np.ogrid[-64:64, -64:64, -64:64]
    mask = sitk.GetImageFromArray((z**2 + y**2 + x**2 < 29.7**2).astype(np.uint8))
    paths = folder / "image.nii.gz", folder / "mask.nii.gz"
    for each, path in zip((image, mask), paths, strict=True):
        each.SetSpacing((0.8, 0.8, 1.5))
        sitk.WriteImage(each, str(path), useCompression=True)
    return paths


def absolute(cohort: Path, folder: Path) -> Path:
    """The cohort as pyradiomics reads it: paths from the root, no other columns."""
    table = pd.read_csv(cohort, dtype=str)[["ID", "Image", "Mask"]]
    for column in ("Image", "Mask"):
        table[column] = [str(cohort.parent.absolute() / path) for path in table[column]]
    copy = folder / f"absolute-{cohort.name}"
    table.to_csv(copy, index=False)
    return copy


def run(command: list[str], cache: Path) -> tuple[float, float]:
    """Seconds that a whole process takes, and its peak of memory in MB."""
    environment = os.environ | ONE_CORE | {"RADCOMPARE_CACHE": str(cache)}
    measured = subprocess.run(
        [sys.executable, "-S", "-c", WATCHED, *command],
        check=True,
        capture_output=True,
        env=environment,
        text=True,
    )
    code, took, peak = json.loads(measured.stdout)
    if code:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return float(took), float(peak)


def worst_difference(mine: dict[str, float], other: dict[str, float]) -> float:
    """The largest relative difference; values within 1e-9 count as equal."""
    a, b = (np.array([values[name] for name in mine]) for values in (mine, other))
    np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
    apart = np.abs(a - b)
    return float(np.nanmax(np.where(apart > 1e-9, apart / np.maximum(np.abs(b), 1e-300), 0.0)))


def whole_processes(cohort: Path, folder: Path, repeats: int, params: Path | None) -> None:
    """Run both in turn, hold the values against one another, and print a line."""
    ours, theirs = folder / "ours.csv", folder / "theirs.csv"
    given = [] if params is None else ["-p", str(params)]
    extract = [str(BIN / "radcompare"), "extract", "radiomics", str(cohort), "--features", "pyradiomics"]
    reference = [str(BIN / "pyradiomics"), str(cohort), "-f", "csv", "-o", str(theirs)]
    here, there = [], []
    for number in range(repeats):
        # With an empty cache every time: nothing may be found that was measured before.
        here.append(run([*extract, *given, "-o", str(ours), "-q"], folder / f"cache-{len(given)}-{number}"))
        theirs.unlink(missing_ok=True)  # it would append to what is there
        there.append(run([*reference, *given], folder))
    mine = pd.read_csv(ours, dtype={"ID": str}).set_index("ID")
    other = pd.read_csv(theirs, dtype={"ID": str}).set_index("ID").loc[mine.index]
    columns = [name for name in mine.columns if name in other.columns]
    flat = [
        {
            f"{case} {name}": float(value)
            for case, row in table[columns].iterrows()
            for name, value in row.items()
        }
        for table in (mine, other)
    ]
    print(
        f"{'original' if params is None else 'original, wavelet, LoG'}, {len(mine)} cases, {len(columns)} features: "
        + told([s for s, _ in here], [s for s, _ in there], worst_difference(*flat))
        + f"; memory {max(m for _, m in here):.0f} and {max(m for _, m in there):.0f} MB",
        flush=True,
    )


def told(here: list[float], there: list[float], worst: float) -> str:
    """Both medians, and how many times as long the other takes."""
    took, takes = median(here), median(there)
    return (
        f"radcompare {took:.3f} s, pyradiomics {takes:.3f} s, {takes / took:.1f} times as long; "
        f"largest relative difference {worst:.1e}"
    )


def two_jobs(cohort: Path, folder: Path, params: Path) -> None:
    """One job and two, the same bytes."""
    times, tables = [], []
    for jobs in ("1", "2"):
        out = folder / f"jobs-{jobs}.csv"
        command = [str(BIN / "radcompare"), "extract", "radiomics", str(cohort), "--features", "pyradiomics"]
        took, _ = run(
            [*command, "-p", str(params), "-j", jobs, "-o", str(out), "-q"], folder / f"jobs-{jobs}"
        )
        times.append(took)
        tables.append(out.read_bytes())
    assert tables[0] == tables[1]
    print(
        f"two jobs, original, wavelet, LoG: {times[0]:.1f} s and {times[1]:.1f} s, "
        f"{times[0] / times[1]:.2f} times as fast"
    )


def in_process(image: Path, mask: Path, repeats: int) -> None:
    """One tumour, each program in a process of its own, its libraries loaded, files read every time."""
    found = {}
    for program, measure in IN_PROCESS.items():
        if program == "MIRP" and find_spec("mirp") is None:
            print("MIRP is not installed here")
            continue
        script = TIMED.format(measure=measure)
        ended = subprocess.run(
            [sys.executable, "-c", script, str(image), str(mask), str(repeats)],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | ONE_CORE,
        )
        found[program] = json.loads(ended.stdout.splitlines()[-1])
    voxels = int((sitk.GetArrayFromImage(sitk.ReadImage(str(mask))) > 0).sum())
    (here, mine), (there, other) = found["radcompare"], found["pyradiomics"]
    print(f"in process, a tumour of {voxels} voxels: {told(here, there, worst_difference(mine, other))}")
    if "MIRP" in found:
        takes = median(found["MIRP"][0])
        print(
            f"the same in MIRP, twice as many features: {takes:.2f} s, {takes / median(here):.0f} times as long"
        )


def main() -> None:
    """Print a line per comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cohort", type=Path)
    parser.add_argument("--tumour", type=Path, nargs=2, metavar=("IMAGE", "MASK"))
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        in_process(*(given.tumour or made_tumour(folder)), given.repeats)
        if given.cohort is not None:
            params = folder / "filters.yaml"
            params.write_text(FILTERS, encoding="utf-8")
            cohort = absolute(given.cohort, folder)
            whole_processes(cohort, folder, given.repeats, None)
            whole_processes(cohort, folder, 1, params)
            two_jobs(cohort, folder, params)


if __name__ == "__main__":
    main()
