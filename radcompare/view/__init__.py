"""A finished run in a browser of this machine: its report, tables that sort, and the case behind every ROC point."""
