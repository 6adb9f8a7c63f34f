"""The 219 features of the set r219, by category.

125 Laws and 30 wavelet features follow from names that the group behind the lecture printed; the other 64
are our split of their six remaining categories. Where pyradiomics has the feature, its word is the name and
it computes the value. The shape features named after Definiens/eCognition follow its Reference Book
(Trimble, eCognition Developer 9.0, chapter Geometry > Shape, 3-D objects) with two changes: lengths are in mm,
and second moments are those of the solid voxels (each adds spacing²/12), so that a box is exactly a box.
"""

from itertools import product

from radcompare.radiomics.entry import Entry
from radcompare.radiomics.pyradiomics_entries import CLASSES, PARAMETERS, REFERENCES, Row

ECOGNITION = "eCognition Developer 9.0 Reference Book, Geometry > Shape"
COUNTING = "arithmetic"
FACES = "ours: border points are the centres of the voxel faces between inside and outside"
MOMENTS = "moments of the solid voxels"
BY_MOMENTS = {
    "Length",
    "Width",
    "Thickness",
    "Asymmetry",
    "EllipticFit",
    "RectangularFit",
    "Roundness",
    "Density",
    "EnclosedEllipsoidRadius",
    "EnclosingEllipsoidRadius",
    "FractionalAnisotropy",
}
NEEDS_ORGAN = "organ mask; missing without one"
LAWS_LETTERS = ("L5", "E5", "S5", "W5", "R5")

SIZE: tuple[Row, ...] = (
    (
        "Maximum2DDiameterSlice",
        "",
        "mm",
        "longest diameter: largest distance between outline points in one axial slice",
    ),
    ("ShortAxis", "", "mm", "extent of the outline across the longest diameter, in the same slice"),
    ("DiameterProduct", "", "mm²", "longest diameter times short axis"),
    ("MeshVolume", "RNU0", "mm³", "volume inside the marching-cubes mesh of the mask"),
    ("VoxelCount", "", "1", "number of voxels in the mask"),
    ("SurfaceArea", "C0JK", "mm²", "area of the mesh"),
    (
        "Length",
        "",
        "mm",
        "longest side of the box with the region's volume and the proportions of its moments",
    ),
    ("Width", "", "mm", "second side of that box"),
    ("Thickness", "", "mm", "shortest side of that box"),
    ("LargestSliceArea", "", "mm²", "area of the axial slice with most voxels"),
)

SHAPE: tuple[Row, ...] = (
    ("Sphericity", "QCFX", "1", "(36 pi V²)^(1/3) / A, V and A of the mesh"),
    ("Compactness1", "SKGS", "1", "V / (pi^(1/2) A^(3/2))"),
    ("Compactness2", "BQWJ", "1", "36 pi V² / A³"),
    ("Asymmetry", "", "1", "1 - square root of smallest over largest moment"),
    (
        "EllipticFit",
        "",
        "1",
        "2 s - 1, s the share of voxels inside the equal-volume ellipsoid; negative below one half",
    ),
    ("RectangularFit", "", "1", "share of voxels inside the equal-volume box"),
    ("Roundness", "", "1", "enclosing minus enclosed ellipsoid radius"),
    (
        "ShapeIndex",
        "",
        "1",
        "area of the outer voxel faces over 6 V^(2/3): 1 for a cube; planar: border over 4 A^(1/2)",
    ),
    ("Density", "", "1", "V^(1/3) over the square root of the sum of the variances along the axes"),
    (
        "EnclosedEllipsoidRadius",
        "",
        "1",
        "scale of the largest ellipsoid with no border point in it; 0 where the centroid is outside the region",
    ),
    (
        "EnclosingEllipsoidRadius",
        "",
        "1",
        "scale of the smallest ellipsoid that holds every border point",
    ),
    ("SurfaceVolumeRatio", "2PR5", "1/mm", "A / V"),
    ("FractionalAnisotropy", "", "1", "(3/2)^(1/2) |moments - their mean| / |moments|"),
    ("CentroidBorderMean", "", "mm", "mean distance from the centroid to the border, weighted by face area"),
    ("CentroidBorderStandardDeviation", "", "mm", "standard deviation of that distance"),
    ("CentroidBorderMinimum", "", "mm", "smallest distance from the centroid to a border point"),
    ("CentroidBorderMaximum", "", "mm", "largest distance from the centroid to a border point"),
)

LOCATION: tuple[Row, ...] = (
    (
        "Attachment",
        "",
        "1",
        "share of the border that lies on the organ's border: wall / (wall + parenchyma)",
    ),
    ("BorderWithWall", "", "mm²", "area of voxel faces between the region and voxels outside the organ"),
    ("BorderWithParenchyma", "", "mm²", "area of voxel faces between the region and the rest of the organ"),
    ("AirSpaceVolume", "", "mm³", "volume of the region's voxels below -910 HU"),
    ("AirSpaceCount", "", "1", "number of 26-connected air spaces in the region"),
    ("AirSpaceMeanVolume", "", "mm³", "air-space volume over their number; missing without any"),
)

OWN_REFERENCES = {
    "Maximum2DDiameterSlice": "Eisenhauer et al. (RECIST 1.1), Eur J Cancer 2009;45:228-247",
    "ShortAxis": "Miller et al. (WHO), Cancer 1981;47:207-214; across the whole outline, not only a chord",
    "DiameterProduct": "Miller et al. (WHO), Cancer 1981;47:207-214",
    "VoxelCount": COUNTING,
    "LargestSliceArea": COUNTING,
    "ShapeIndex": f"{ECOGNITION}: the 2-D definition, carried over to 3-D",
    "CentroidBorderMean": FACES,
    "CentroidBorderStandardDeviation": FACES,
    "CentroidBorderMinimum": FACES,
    "CentroidBorderMaximum": FACES,
    "FractionalAnisotropy": "Basser and Pierpaoli, J Magn Reson B 1996;111:209-219",
    "AirSpaceVolume": "threshold: Müller et al. (density mask), Chest 1988;94:782-787",
    "Compactness1": REFERENCES["shape"],
    "Compactness2": REFERENCES["shape"],
}

STANDARD_DEVIATION: Row = ("StandardDeviation", "", "intensity", "square root of the variance")

HISTOGRAM = (
    "Mean",
    "StandardDeviation",
    "Minimum",
    "Maximum",
    "Median",
    "InterquartileRange",
    "Skewness",
    "Kurtosis",
    "Energy",
    "Entropy",
)

RUN_LENGTH = (
    "ShortRunEmphasis",
    "LongRunEmphasis",
    "GrayLevelNonUniformity",
    "RunLengthNonUniformity",
    "RunPercentage",
    "LowGrayLevelRunEmphasis",
    "HighGrayLevelRunEmphasis",
    "ShortRunLowGrayLevelEmphasis",
    "ShortRunHighGrayLevelEmphasis",
    "LongRunLowGrayLevelEmphasis",
    "LongRunHighGrayLevelEmphasis",
)

COOCCURRENCE = (
    "JointEnergy",
    "JointEntropy",
    "Contrast",
    "Correlation",
    "Id",
    "Idm",
    "SumAverage",
    "SumSquares",
    "MaximumProbability",
    "ClusterShade",
)

BY_PYRADIOMICS = (
    "Maximum2DDiameterSlice",
    "MeshVolume",
    "SurfaceArea",
    "Sphericity",
    "Compactness1",
    "Compactness2",
    "SurfaceVolumeRatio",
)
"""Size and shape features that pyradiomics computes."""


def r219_entries() -> list[Entry]:
    """The 219 features in the order of the columns."""
    return [
        *(_geometric("size", row) for row in SIZE),
        *(_geometric("shape", row) for row in SHAPE),
        *(_location(row) for row in LOCATION),
        *(_measured_by_pyradiomics("firstorder", name) for name in HISTOGRAM),
        *(_measured_by_pyradiomics("glrlm", name) for name in RUN_LENGTH),
        *(_measured_by_pyradiomics("glcm", name) for name in COOCCURRENCE),
        *(_laws(*letters) for letters in product(LAWS_LETTERS, repeat=3)),
        *(_wavelet(band, statistic) for band in wavelet_bands() for statistic in ("Energy", "Entropy")),
    ]


def wavelet_bands() -> list[str]:
    """Names of the 15 sub-bands: 7 details of level 1, then 7 details and the approximation of level 2.

    The letters are low or high pass along x, y and z, the number is the level.
    """
    letters = ["".join(band) for band in product("LH", repeat=3)]
    return [f"{band}1" for band in letters[1:]] + [f"{band}2" for band in letters]


def _geometric(family: str, row: Row) -> Entry:
    name, ibsi, unit, definition = row
    mesh = name in BY_PYRADIOMICS
    return Entry(
        name=f"r219_{family}_{name}",
        set="r219",
        family=family,
        definition=definition,
        reference=OWN_REFERENCES.get(name, REFERENCES["shape"] if mesh else ECOGNITION),
        ibsi=ibsi,
        unit=unit,
        parameters=MOMENTS if name in BY_MOMENTS else "",
        oracle="pyradiomics" if mesh else "boxes, ellipsoids and brute force",
        defined_by="pyradiomics" if mesh else "radcompare",
    )


def _location(row: Row) -> Entry:
    name, ibsi, unit, definition = row
    reference = OWN_REFERENCES.get(name, "category of Balagurunathan et al., Transl Oncol 2014;7:72-87")
    parameters = NEEDS_ORGAN + ("; air below -910 HU" if name.startswith("Air") else "")
    return Entry(
        f"r219_location_{name}",
        "r219",
        "location",
        definition,
        reference,
        ibsi,
        unit,
        parameters,
        "brute force",
    )


def _measured_by_pyradiomics(family: str, name: str) -> Entry:
    rows = {row[0]: row for row in (*CLASSES[family], STANDARD_DEVIATION)}
    _, ibsi, unit, definition = rows[name]
    return Entry(
        name=f"r219_{family}_{name}",
        set="r219",
        family=family,
        definition=definition,
        reference=REFERENCES[family],
        ibsi=ibsi,
        unit=unit,
        parameters=PARAMETERS[family],
        oracle="pyradiomics" + ("; IBSI 1 digital phantom" if ibsi else ""),
        defined_by="pyradiomics",
    )


def _laws(x: str, y: str, z: str) -> Entry:
    return Entry(
        name=f"r219_laws_{x}{y}{z}",
        set="r219",
        family="laws",
        definition=f"mean squared response inside the mask to {x} along x, {y} along y and {z} along z",
        reference="Laws, PhD thesis, University of Southern California, 1980",
        unit="intensity²",
        parameters="voxel units; true context around the mask, mirrored beyond the image",
        oracle="full 5x5x5 correlation",
    )


def _wavelet(band: str, statistic: str) -> Entry:
    energy = "mean squared coefficient"
    entropy = "entropy of the squared coefficients over their sum"
    return Entry(
        name=f"r219_wavelet_{band}_{statistic}",
        set="r219",
        family="wavelet",
        definition=f"{energy if statistic == 'Energy' else entropy} of sub-band {band} (along x, y, z; level)",
        reference="Mallat, IEEE Trans PAMI 1989;11:674-693",
        unit="intensity²" if statistic == "Energy" else "bit",
        parameters="coif1, decimated, symmetric extension, the mask's bounding box",
        oracle="convolution and decimation axis by axis",
        defined_by="PyWavelets",
    )
