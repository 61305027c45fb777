"""Answers drawn for people: terminal, HTML report, GeoJSON, KML."""
