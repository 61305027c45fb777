"""Lets an answer be written by itself: `Answer.to_geojson()`, `Answer.to_html()`."""

from geoagent_graph.display import register_file
from geoagent_graph.render.formats.geojson import feature_collection
from geoagent_graph.render.formats.html_file import photo_file
from geoagent_graph.types import Answer

register_file(Answer, "geojson", lambda answer: feature_collection([answer]))
register_file(Answer, "html", lambda answer: photo_file(answer, None))
