"""Telephone numbers: found in lines, read by national plans, their areas laid over towns."""
