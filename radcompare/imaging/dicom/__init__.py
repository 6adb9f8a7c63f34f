"""DICOM: image series, PET uptake, RTSTRUCT and SEG, read with pydicom and highdicom."""
