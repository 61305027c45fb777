"""Rollouts: whole runs of the agent, generated with the model in training."""
