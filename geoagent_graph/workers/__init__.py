"""Processes of our own that do one thing at a time for this one, and that can be ended."""
