"""The terminal: live steps, the answer as text, a map in braille."""
