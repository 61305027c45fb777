"""From a table of predictions and a table of truth to figures, curves and rows."""
