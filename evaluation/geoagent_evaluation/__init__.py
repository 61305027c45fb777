"""One evaluation harness for image geolocation: anybody's predictions, scored one way.

It needs numpy, scipy, pyarrow and matplotlib, and knows nothing of the agent but in `runs`.
"""
