"""pyradiomics' numbers without pyradiomics: preparation, filters and every class of features."""
