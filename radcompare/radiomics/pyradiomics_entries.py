"""The 107 base features of pyradiomics, written down so that listing them does not import it.

Formulas: the pyradiomics 3.0.1 documentation, https://pyradiomics.readthedocs.io/en/v3.0.1/features.html.
An IBSI code stands where pyradiomics computes what the IBSI 1 reference manual (Zwanenburg et al.,
Radiology 2020;295:328-338) defines; the tests check those values on the IBSI digital phantom.
"""

from radcompare.radiomics.entry import Entry

Row = tuple[str, str, str, str]
"""Feature, IBSI code, unit, definition."""

SHAPE: tuple[Row, ...] = (
    (
        "Elongation",
        "Q3CK",
        "1",
        "square root of second over first eigenvalue of the voxel centres' covariance",
    ),
    ("Flatness", "N17B", "1", "square root of third over first eigenvalue of the voxel centres' covariance"),
    (
        "LeastAxisLength",
        "7J51",
        "mm",
        "4 square roots of the third eigenvalue (covariance over n; IBSI: n - 1)",
    ),
    (
        "MajorAxisLength",
        "TDIC",
        "mm",
        "4 square roots of the first eigenvalue (covariance over n; IBSI: n - 1)",
    ),
    ("Maximum2DDiameterColumn", "", "mm", "largest distance between mesh vertices in one coronal plane"),
    ("Maximum2DDiameterRow", "", "mm", "largest distance between mesh vertices in one sagittal plane"),
    ("Maximum2DDiameterSlice", "", "mm", "largest distance between mesh vertices in one axial plane"),
    ("Maximum3DDiameter", "L0JK", "mm", "largest distance between mesh vertices"),
    ("MeshVolume", "RNU0", "mm³", "volume V inside the marching-cubes mesh of the mask"),
    (
        "MinorAxisLength",
        "P9VJ",
        "mm",
        "4 square roots of the second eigenvalue (covariance over n; IBSI: n - 1)",
    ),
    ("Sphericity", "QCFX", "1", "(36 pi V²)^(1/3) / A"),
    ("SurfaceArea", "C0JK", "mm²", "area A of the mesh"),
    ("SurfaceVolumeRatio", "2PR5", "1/mm", "A / V"),
    ("VoxelVolume", "YEKZ", "mm³", "number of voxels times the volume of one"),
)

FIRSTORDER: tuple[Row, ...] = (
    ("10Percentile", "QG58", "intensity", "10th percentile"),
    ("90Percentile", "8DWT", "intensity", "90th percentile"),
    ("Energy", "N8CA", "intensity²", "sum of squared intensities"),
    ("Entropy", "TLU2", "bit", "entropy of the discretised intensities"),
    ("InterquartileRange", "SALO", "intensity", "75th minus 25th percentile"),
    (
        "Kurtosis",
        "IPH6",
        "1",
        "fourth central moment over squared variance; 3 more than IBSI's excess kurtosis",
    ),
    ("Maximum", "84IY", "intensity", "largest intensity"),
    ("MeanAbsoluteDeviation", "4FUA", "intensity", "mean distance from the mean"),
    ("Mean", "Q4LE", "intensity", "mean"),
    ("Median", "Y12H", "intensity", "median"),
    ("Minimum", "1GSF", "intensity", "smallest intensity"),
    ("Range", "2OJQ", "intensity", "maximum minus minimum"),
    (
        "RobustMeanAbsoluteDeviation",
        "1128",
        "intensity",
        "mean absolute deviation between the 10th and 90th percentile",
    ),
    ("RootMeanSquared", "5ZWQ", "intensity", "square root of the mean squared intensity"),
    ("Skewness", "KE2A", "1", "third central moment over variance^1.5"),
    ("TotalEnergy", "", "intensity² mm³", "energy times the volume of one voxel"),
    ("Uniformity", "BJ5W", "1", "sum of squared bin probabilities"),
    ("Variance", "ECT3", "intensity²", "mean squared distance from the mean"),
)

GLCM: tuple[Row, ...] = (
    ("Autocorrelation", "QWB0", "1", "sum of p(i,j) i j"),
    ("ClusterProminence", "AE86", "1", "sum of p(i,j) (i + j - mu_x - mu_y)^4"),
    ("ClusterShade", "7NFM", "1", "sum of p(i,j) (i + j - mu_x - mu_y)^3"),
    ("ClusterTendency", "DG8W", "1", "sum of p(i,j) (i + j - mu_x - mu_y)^2"),
    ("Contrast", "ACUI", "1", "sum of p(i,j) (i - j)^2"),
    ("Correlation", "NI2N", "1", "correlation of i and j under p"),
    ("DifferenceAverage", "TF7R", "1", "mean of |i - j| under p"),
    ("DifferenceEntropy", "NTRS", "bit", "entropy of |i - j| under p"),
    ("DifferenceVariance", "D3YU", "1", "variance of |i - j| under p"),
    ("Id", "IB1Z", "1", "inverse difference: sum of p(i,j) / (1 + |i - j|)"),
    ("Idm", "WF0Z", "1", "inverse difference moment: sum of p(i,j) / (1 + (i - j)^2)"),
    ("Idmn", "1QCO", "1", "inverse difference moment with (i - j) / Ng"),
    ("Idn", "NDRX", "1", "inverse difference with |i - j| / Ng"),
    ("Imc1", "R8DG", "1", "informational measure of correlation 1"),
    ("Imc2", "JN9H", "1", "informational measure of correlation 2"),
    ("InverseVariance", "E8JP", "1", "sum of p(i,j) / (i - j)^2 over i != j"),
    ("JointAverage", "60VM", "1", "mean of i under p"),
    ("JointEnergy", "8ZQL", "1", "sum of p(i,j)^2"),
    ("JointEntropy", "TU9B", "bit", "entropy of p"),
    ("MCC", "", "1", "maximal correlation coefficient"),
    ("MaximumProbability", "GYBY", "1", "largest p(i,j)"),
    ("SumAverage", "ZGXS", "1", "mean of i + j under p"),
    ("SumEntropy", "P6QZ", "bit", "entropy of i + j under p"),
    ("SumSquares", "UR99", "1", "variance of i under p"),
)

GLRLM: tuple[Row, ...] = (
    ("GrayLevelNonUniformity", "R5YN", "1", "sum over grey levels of squared run counts, over runs"),
    ("GrayLevelNonUniformityNormalized", "OVBL", "1", "grey level non-uniformity over runs"),
    ("GrayLevelVariance", "8CE5", "1", "variance of the grey level over runs"),
    ("HighGrayLevelRunEmphasis", "G3QZ", "1", "mean of i² over runs of grey level i"),
    ("LongRunEmphasis", "W4KF", "1", "mean of j² over runs of length j"),
    ("LongRunHighGrayLevelEmphasis", "3KUM", "1", "mean of i² j² over runs"),
    ("LongRunLowGrayLevelEmphasis", "IVPO", "1", "mean of j² / i² over runs"),
    ("LowGrayLevelRunEmphasis", "V3SW", "1", "mean of 1 / i² over runs"),
    ("RunEntropy", "HJ9O", "bit", "entropy of grey level and run length"),
    ("RunLengthNonUniformity", "W92Y", "1", "sum over lengths of squared run counts, over runs"),
    ("RunLengthNonUniformityNormalized", "IC23", "1", "run length non-uniformity over runs"),
    ("RunPercentage", "9ZK5", "1", "runs over voxels"),
    ("RunVariance", "SXLW", "1", "variance of the run length"),
    ("ShortRunEmphasis", "22OV", "1", "mean of 1 / j² over runs"),
    ("ShortRunHighGrayLevelEmphasis", "GD3A", "1", "mean of i² / j² over runs"),
    ("ShortRunLowGrayLevelEmphasis", "HTZT", "1", "mean of 1 / (i² j²) over runs"),
)

GLSZM: tuple[Row, ...] = (
    ("GrayLevelNonUniformity", "JNSA", "1", "sum over grey levels of squared zone counts, over zones"),
    ("GrayLevelNonUniformityNormalized", "Y1RO", "1", "grey level non-uniformity over zones"),
    ("GrayLevelVariance", "BYLV", "1", "variance of the grey level over zones"),
    ("HighGrayLevelZoneEmphasis", "5GN9", "1", "mean of i² over zones of grey level i"),
    ("LargeAreaEmphasis", "48P8", "1", "mean of j² over zones of j voxels"),
    ("LargeAreaHighGrayLevelEmphasis", "J17V", "1", "mean of i² j² over zones"),
    ("LargeAreaLowGrayLevelEmphasis", "YH51", "1", "mean of j² / i² over zones"),
    ("LowGrayLevelZoneEmphasis", "XMSY", "1", "mean of 1 / i² over zones"),
    ("SizeZoneNonUniformity", "4JP3", "1", "sum over sizes of squared zone counts, over zones"),
    ("SizeZoneNonUniformityNormalized", "VB3A", "1", "size zone non-uniformity over zones"),
    ("SmallAreaEmphasis", "5QRC", "1", "mean of 1 / j² over zones"),
    ("SmallAreaHighGrayLevelEmphasis", "HW1V", "1", "mean of i² / j² over zones"),
    ("SmallAreaLowGrayLevelEmphasis", "5RAI", "1", "mean of 1 / (i² j²) over zones"),
    ("ZoneEntropy", "GU8N", "bit", "entropy of grey level and zone size"),
    ("ZonePercentage", "P30P", "1", "zones over voxels"),
    ("ZoneVariance", "3NSA", "1", "variance of the zone size"),
)

GLDM: tuple[Row, ...] = (
    ("DependenceEntropy", "FCBV", "bit", "entropy of grey level and dependence count"),
    ("DependenceNonUniformity", "Z87G", "1", "sum over counts of squared voxel numbers, over voxels"),
    ("DependenceNonUniformityNormalized", "OKJI", "1", "dependence non-uniformity over voxels"),
    ("DependenceVariance", "DNX2", "1", "variance of the dependence count"),
    ("GrayLevelNonUniformity", "FP8K", "1", "sum over grey levels of squared voxel numbers, over voxels"),
    ("GrayLevelVariance", "1PFV", "1", "variance of the grey level"),
    ("HighGrayLevelEmphasis", "OAE7", "1", "mean of i² over voxels of grey level i"),
    (
        "LargeDependenceEmphasis",
        "IMOQ",
        "1",
        "mean of j² over voxels with j dependent neighbours and themselves",
    ),
    ("LargeDependenceHighGrayLevelEmphasis", "9QMG", "1", "mean of i² j² over voxels"),
    ("LargeDependenceLowGrayLevelEmphasis", "NBZI", "1", "mean of j² / i² over voxels"),
    ("LowGrayLevelEmphasis", "TL9H", "1", "mean of 1 / i² over voxels"),
    ("SmallDependenceEmphasis", "SODN", "1", "mean of 1 / j² over voxels"),
    ("SmallDependenceHighGrayLevelEmphasis", "JA6D", "1", "mean of i² / j² over voxels"),
    ("SmallDependenceLowGrayLevelEmphasis", "EQ3F", "1", "mean of 1 / (i² j²) over voxels"),
)

NGTDM: tuple[Row, ...] = (
    ("Busyness", "NQ30", "1", "rate of change from a voxel to its neighbours"),
    ("Coarseness", "QCDE", "1", "inverse of the mean difference between a voxel and its neighbourhood"),
    ("Complexity", "HDEZ", "1", "sum of weighted differences between grey levels"),
    ("Contrast", "65HE", "1", "spread of grey levels times spatial change"),
    ("Strength", "1X9X", "1", "distinctness of the grey level primitives"),
)

CLASSES: dict[str, tuple[Row, ...]] = {
    "shape": SHAPE,
    "firstorder": FIRSTORDER,
    "glcm": GLCM,
    "gldm": GLDM,
    "glrlm": GLRLM,
    "glszm": GLSZM,
    "ngtdm": NGTDM,
}

REFERENCES = {
    "shape": "IBSI 1 morphology (HCUG); Lorensen and Cline, SIGGRAPH 1987 (mesh)",
    "firstorder": "IBSI 1 intensity statistics (UHIW) and histogram (ZVCW)",
    "glcm": "Haralick et al., IEEE Trans SMC 1973;3:610-621; IBSI 1 (LFYI)",
    "gldm": "Sun and Wee, CVGIP 1983;23:341-352; IBSI 1 (REK0)",
    "glrlm": "Galloway, CGIP 1975;4:172-179; Dasarathy and Holder 1991; IBSI 1 (TP0I)",
    "glszm": "Thibault et al. 2009; IBSI 1 (9SAK)",
    "ngtdm": "Amadasun and King, IEEE Trans SMC 1989;19:1264-1274; IBSI 1 (IPET)",
}

PARAMETERS = {
    "shape": "",
    "firstorder": "binWidth 25 (entropy and uniformity), voxelArrayShift 0 (energies and root mean square)",
    "glcm": "binWidth 25, distances [1], symmetric, mean over 13 directions",
    "gldm": "binWidth 25, distances [1], gldm_a 0",
    "glrlm": "binWidth 25, mean over 13 directions",
    "glszm": "binWidth 25, 26-connected zones",
    "ngtdm": "binWidth 25, distances [1]",
}


def pyradiomics_entries() -> list[Entry]:
    """The 107 features in the order in which pyradiomics gives them."""
    return [_entry(family, row) for family, rows in CLASSES.items() for row in rows]


def _entry(family: str, row: Row) -> Entry:
    name, ibsi, unit, definition = row
    return Entry(
        name=f"original_{family}_{name}",
        set="pyradiomics",
        family=family,
        definition=definition,
        reference=REFERENCES[family],
        ibsi=ibsi,
        unit=unit,
        parameters=PARAMETERS[family],
        oracle="pyradiomics' own baseline" + ("; IBSI 1 digital phantom" if ibsi else ""),
        defined_by="pyradiomics",
    )
