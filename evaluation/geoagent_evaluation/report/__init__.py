"""A report that a person reads: one HTML page from a folder of scores, CSV and JSON beside it."""
