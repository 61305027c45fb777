"""A report that a person reads: one HTML page from a folder of scores, with CSV and JSON beside it."""
