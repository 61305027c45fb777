"""Where the sun stood in a photo, and what that says of its place or its time."""
