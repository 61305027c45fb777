"""Task definitions for other harnesses: other people's models on our truth, in our file format."""
