"""Handcrafted features: whole processes of radcompare and of pyradiomics' own command line, same features, same run.

    python benchmarks/radiomics.py [--cohort COHORT.csv] [--repeats 3]

Both measure the 107 features of pyradiomics' default settings on one core, from the start of the process to the table
on disk: the cohort given (for example nodules of LIDC-IDRI), and a tumour of 110,000 voxels in a CT of 128³ that is
made here. Values are compared before times are told.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import SimpleITK as sitk
from scipy.ndimage import gaussian_filter

BIN = Path(sys.executable).parent
ONE_CORE = {"OMP_NUM_THREADS": "1", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def tumour(folder: Path) -> Path:
    """A cohort of one ball of 110,000 voxels with correlated intensities, in soft tissue."""
    rng = np.random.default_rng(1)
    noise = gaussian_filter(rng.normal(size=(128, 128, 128)), 1.0)
    image = sitk.GetImageFromArray((40 + 300 * noise).astype(np.int16))
    z, y, x = np.ogrid[-64:64, -64:64, -64:64]
    mask = sitk.GetImageFromArray((z**2 + y**2 + x**2 < 29.7**2).astype(np.uint8))
    for each, name in ((image, "image"), (mask, "mask")):
        each.SetSpacing((0.8, 0.8, 1.5))
        sitk.WriteImage(each, str(folder / f"{name}.nii.gz"), useCompression=True)
    cohort = folder / "tumour.csv"
    cohort.write_text("ID,Image,Mask\nball,image.nii.gz,mask.nii.gz\n", encoding="utf-8")
    return cohort


def absolute(cohort: Path, folder: Path) -> Path:
    """The cohort as pyradiomics reads it: paths from the root, no other columns."""
    table = pd.read_csv(cohort, dtype=str)[["ID", "Image", "Mask"]]
    for column in ("Image", "Mask"):
        table[column] = [str(cohort.parent.absolute() / path) for path in table[column]]
    copy = folder / f"absolute-{cohort.name}"
    table.to_csv(copy, index=False)
    return copy


def seconds(command: list[str], cache: Path) -> float:
    """How long a whole process takes."""
    start = time.perf_counter()
    environment = os.environ | ONE_CORE | {"RADCOMPARE_CACHE": str(cache)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def compare(name: str, cohort: Path, folder: Path, repeats: int) -> None:
    """Run both, hold the values against one another, and print a line."""
    ours, theirs = folder / "ours.csv", folder / "theirs.csv"
    extract = [str(BIN / "radcompare"), "extract", "radiomics", str(cohort), "--features", "pyradiomics"]
    reference = [str(BIN / "pyradiomics"), str(cohort), "-f", "csv", "-o", str(theirs)]
    here, there = [], []
    for number in range(repeats):
        # In turn, and with an empty cache every time: nothing may be found that was measured before.
        cache = folder / f"cache-{cohort.stem}-{number}"
        here.append(seconds([*extract, "-o", str(ours), "-q"], cache))
        theirs.unlink(missing_ok=True)  # it would append to what is there
        there.append(seconds(reference, cache))
    mine = pd.read_csv(ours, dtype={"ID": str}).set_index("ID")
    other = pd.read_csv(theirs, dtype={"ID": str}).set_index("ID")
    columns = [column for column in mine.columns if column.startswith("original_")]
    a, b = mine[columns].to_numpy(float), other.loc[mine.index, columns].to_numpy(float)
    np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
    worst = float(np.nanmax(np.abs(a - b) / np.maximum(np.abs(b), 1e-9) * (np.abs(a - b) > 1e-9)))
    took, takes = median(here), median(there)
    print(
        f"{name:24s} {len(mine):4d} cases  radcompare {took:7.2f} s  pyradiomics {takes:7.2f} s  "
        f"{takes / took:5.1f} times as long; largest relative difference {worst:.1e}"
    )


def main() -> None:
    """Print a line per cohort."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cohort", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.cohort is not None:
            compare(given.cohort.parent.name, absolute(given.cohort, folder), folder, given.repeats)
        compare("tumour, 110,000 voxels", absolute(tumour(folder), folder), folder, given.repeats)


if __name__ == "__main__":
    main()
