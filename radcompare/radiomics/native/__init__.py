"""pyradiomics' numbers without pyradiomics: first order, shape, textures, binning, filters and preparation. Not called yet."""
