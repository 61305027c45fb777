"""Runs of the agent that write the files of the contract; the one folder that imports the agent."""
