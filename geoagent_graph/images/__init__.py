"""Photos as they come in: reading files, decoding in a sandbox, storing by content, EXIF claims."""
