"""What the catalogue says about one feature."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One feature.

    Attributes:
        name: the column.
        set: the extractor that computes it, as in the registry.
        family: the category within the set.
        definition: what is computed, in words or a formula.
        reference: where the definition is published.
        ibsi: code of the feature in the IBSI 1 reference manual, empty where it has none.
        unit: unit of the value; `intensity` is the image's own (HU for CT), `1` means none.
        parameters: what the value depends on besides image and mask, with the defaults.
        oracle: what the tests hold the value against.
        defined_by: whose definition it is: that of pyradiomics (computed by our own code unless the engine is
            pyradiomics), PyWavelets or radcompare.
    """

    name: str
    set: str
    family: str
    definition: str
    reference: str
    ibsi: str = ""
    unit: str = "1"
    parameters: str = ""
    oracle: str = ""
    defined_by: str = "radcompare"
