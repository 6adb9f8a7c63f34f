"""Drafts of the reporting checklists of the field, filled in as far as a run can answer for itself."""
