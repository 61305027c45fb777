"""The `geoagent` command: what people type, what comes back on which stream."""
