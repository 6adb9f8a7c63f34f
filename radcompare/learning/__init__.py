"""Classifiers, folds, and cross-validation."""
