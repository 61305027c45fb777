"""What was observed, as likelihoods over places: extractors, signals and the joint posterior."""
