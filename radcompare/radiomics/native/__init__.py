"""pyradiomics' numbers without pyradiomics: first order, shape, binning, filters and preparation. Not called yet."""
