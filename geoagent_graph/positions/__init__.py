"""Positions as people write and paste them, read in many forms and written in five."""
