"""What is in a photo: text on signs with script and language, and visual features."""
