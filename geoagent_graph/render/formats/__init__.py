"""Formats in which answers, cases and trips are handed on: one table, one file per format."""
