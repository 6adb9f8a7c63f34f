"""Metrics, intervals and paired tests, one file per test."""
