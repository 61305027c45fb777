"""Maps as SVG: the world, the surroundings of an answer, the way of a trip."""
