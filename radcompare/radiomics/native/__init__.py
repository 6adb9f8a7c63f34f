"""pyradiomics' numbers without pyradiomics: every class of features, binning, filters, preparation. Not called yet."""
