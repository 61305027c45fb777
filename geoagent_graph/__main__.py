"""`python -m geoagent_graph` does what `geoagent` does."""

from geoagent_graph.cli.app import main

if __name__ == "__main__":
    main()
