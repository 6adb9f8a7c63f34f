"""pyradiomics' numbers without pyradiomics; filters and preparation of images are not called yet."""
