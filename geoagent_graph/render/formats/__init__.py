"""Formats in which answers are handed on."""
