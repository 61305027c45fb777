"""The commands that work with cases."""
