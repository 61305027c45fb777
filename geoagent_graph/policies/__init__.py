"""Policies: who decides, behind one protocol."""
