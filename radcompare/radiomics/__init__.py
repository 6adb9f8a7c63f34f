"""Handcrafted features, one file per family, and their catalogue."""
