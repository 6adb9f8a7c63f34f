"""The IBSI 1 digital phantom: every feature that carries an IBSI code against the consensus value."""

import csv
from collections.abc import Callable
from math import floor, log10
from pathlib import Path

import pytest

from radcompare.config import RadiomicsSource
from radcompare.imaging.region import Region
from radcompare.radiomics.catalogue import entries
from radcompare.radiomics.engine import PyRadiomics
from radcompare.radiomics.r219 import R219

EXCESS = {"IPH6": 3.0}  # pyradiomics' kurtosis is not the excess kurtosis
VOXELS = 74
SAMPLE = (VOXELS / (VOXELS - 1)) ** 0.5  # IBSI divides the covariance by n - 1, pyradiomics by n
SCALE = {"TDIC": SAMPLE, "P9VJ": SAMPLE, "7J51": SAMPLE}
TAGS = {
    "RNU0": "morph_volume",
    "YEKZ": "morph_vol_approx",
    "C0JK": "morph_area_mesh",
    "2PR5": "morph_av",
    "SKGS": "morph_comp_1",
    "BQWJ": "morph_comp_2",
    "QCFX": "morph_sphericity",
    "L0JK": "morph_diam",
    "TDIC": "morph_pca_maj_axis",
    "P9VJ": "morph_pca_min_axis",
    "7J51": "morph_pca_least_axis",
    "Q3CK": "morph_pca_elongation",
    "N17B": "morph_pca_flatness",
    "Q4LE": "stat_mean",
    "ECT3": "stat_var",
    "KE2A": "stat_skew",
    "IPH6": "stat_kurt",
    "Y12H": "stat_median",
    "1GSF": "stat_min",
    "QG58": "stat_p10",
    "8DWT": "stat_p90",
    "84IY": "stat_max",
    "SALO": "stat_iqr",
    "2OJQ": "stat_range",
    "4FUA": "stat_mad",
    "1128": "stat_rmad",
    "N8CA": "stat_energy",
    "5ZWQ": "stat_rms",
    "TLU2": "ih_entropy",
    "BJ5W": "ih_uniformity",
    "GYBY": "cm_joint_max_3D_avg",
    "60VM": "cm_joint_avg_3D_avg",
    "UR99": "cm_joint_var_3D_avg",
    "TU9B": "cm_joint_entr_3D_avg",
    "TF7R": "cm_diff_avg_3D_avg",
    "D3YU": "cm_diff_var_3D_avg",
    "NTRS": "cm_diff_entr_3D_avg",
    "ZGXS": "cm_sum_avg_3D_avg",
    "P6QZ": "cm_sum_entr_3D_avg",
    "8ZQL": "cm_energy_3D_avg",
    "ACUI": "cm_contrast_3D_avg",
    "IB1Z": "cm_inv_diff_3D_avg",
    "NDRX": "cm_inv_diff_norm_3D_avg",
    "WF0Z": "cm_inv_diff_mom_3D_avg",
    "1QCO": "cm_inv_diff_mom_norm_3D_avg",
    "E8JP": "cm_inv_var_3D_avg",
    "NI2N": "cm_corr_3D_avg",
    "QWB0": "cm_auto_corr_3D_avg",
    "DG8W": "cm_clust_tend_3D_avg",
    "7NFM": "cm_clust_shade_3D_avg",
    "AE86": "cm_clust_prom_3D_avg",
    "R8DG": "cm_info_corr1_3D_avg",
    "JN9H": "cm_info_corr2_3D_avg",
    "22OV": "rlm_sre_3D_avg",
    "W4KF": "rlm_lre_3D_avg",
    "V3SW": "rlm_lgre_3D_avg",
    "G3QZ": "rlm_hgre_3D_avg",
    "HTZT": "rlm_srlge_3D_avg",
    "GD3A": "rlm_srhge_3D_avg",
    "IVPO": "rlm_lrlge_3D_avg",
    "3KUM": "rlm_lrhge_3D_avg",
    "R5YN": "rlm_glnu_3D_avg",
    "OVBL": "rlm_glnu_norm_3D_avg",
    "W92Y": "rlm_rlnu_3D_avg",
    "IC23": "rlm_rlnu_norm_3D_avg",
    "9ZK5": "rlm_r_perc_3D_avg",
    "8CE5": "rlm_gl_var_3D_avg",
    "SXLW": "rlm_rl_var_3D_avg",
    "HJ9O": "rlm_rl_entr_3D_avg",
    "5QRC": "szm_sze_3D",
    "48P8": "szm_lze_3D",
    "XMSY": "szm_lgze_3D",
    "5GN9": "szm_hgze_3D",
    "5RAI": "szm_szlge_3D",
    "HW1V": "szm_szhge_3D",
    "YH51": "szm_lzlge_3D",
    "J17V": "szm_lzhge_3D",
    "JNSA": "szm_glnu_3D",
    "Y1RO": "szm_glnu_norm_3D",
    "4JP3": "szm_zsnu_3D",
    "VB3A": "szm_zsnu_norm_3D",
    "P30P": "szm_z_perc_3D",
    "BYLV": "szm_gl_var_3D",
    "3NSA": "szm_zs_var_3D",
    "GU8N": "szm_zs_entr_3D",
    "QCDE": "ngt_coarseness_3D",
    "65HE": "ngt_contrast_3D",
    "NQ30": "ngt_busyness_3D",
    "HDEZ": "ngt_complexity_3D",
    "1X9X": "ngt_strength_3D",
    "SODN": "ngl_lde_3D",
    "IMOQ": "ngl_hde_3D",
    "TL9H": "ngl_lgce_3D",
    "OAE7": "ngl_hgce_3D",
    "EQ3F": "ngl_ldlge_3D",
    "JA6D": "ngl_ldhge_3D",
    "NBZI": "ngl_hdlge_3D",
    "9QMG": "ngl_hdhge_3D",
    "FP8K": "ngl_glnu_3D",
    "Z87G": "ngl_dcnu_3D",
    "OKJI": "ngl_dcnu_norm_3D",
    "1PFV": "ngl_gl_var_3D",
    "DNX2": "ngl_dc_var_3D",
    "FCBV": "ngl_dc_entr_3D",
}


@pytest.fixture(scope="module")
def reference(shared_data: Path) -> dict[str, tuple[float, float]]:
    """Consensus value and tolerance by tag."""
    path = shared_data / "ibsi" / "reference" / "ibsi_1_dig_phantom.csv"
    with path.open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter=";") if row["reference value"]]
    return {row["tag"]: (float(row["reference value"]), float(row["tolerance"])) for row in rows}


@pytest.fixture(scope="module")
def measured(shared_data: Path, tmp_path_factory: pytest.TempPathFactory, read: Callable) -> dict[str, float]:
    """Both sets with bins of width 1: the phantom's grey levels are 1 to 6."""
    params = tmp_path_factory.mktemp("ibsi") / "params.yaml"
    params.write_text("setting:\n  binWidth: 1\n")
    nifti = shared_data / "ibsi" / "digital_phantom" / "nifti"
    region = read(nifti / "image" / "phantom.nii.gz", nifti / "mask" / "mask.nii.gz")
    return {
        **PyRadiomics(RadiomicsSource(extractor="pyradiomics", params=params)).extract(region),
        **R219(RadiomicsSource(extractor="r219", params=params)).extract(region),
    }


@pytest.fixture(scope="module")
def read(read_region: Callable[[Path, Path], Region]) -> Callable[[Path, Path], Region]:
    return read_region


@pytest.mark.parametrize("entry", [entry for entry in entries() if entry.ibsi], ids=lambda entry: entry.name)
def test_consensus_value(
    entry, measured: dict[str, float], reference: dict[str, tuple[float, float]]
) -> None:
    value, tolerance = reference[TAGS[entry.ibsi]]
    found = measured[entry.name] * SCALE.get(entry.ibsi, 1) - EXCESS.get(entry.ibsi, 0)
    printed = 0.5 * 10 ** (floor(log10(abs(value))) - 2) if value else 0.0  # three digits are printed
    assert abs(found - value) <= max(tolerance, printed) * (1 + 1e-9)


def test_every_code_is_one_feature() -> None:
    """No code stands for two features of one set."""
    for name in ("r219", "pyradiomics"):
        codes = [entry.ibsi for entry in entries(name) if entry.ibsi]
        assert len(codes) == len(set(codes))
