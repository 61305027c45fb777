"""The drawings of the report, made by matplotlib: one function per drawing, none opens a window."""
