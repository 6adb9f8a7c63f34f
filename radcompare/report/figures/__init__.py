"""Figures for people, one file per kind. The same results give the same bytes."""
