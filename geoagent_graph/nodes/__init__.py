"""The nodes of the graph, one file each: state and runtime in, an update out."""
