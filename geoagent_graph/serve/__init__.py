"""`geoagent serve`: cases over HTTP, for the page in `static/` and for programs."""
