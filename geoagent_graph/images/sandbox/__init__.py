"""What runs in the decoding process alone: bytes of hostile files to pixels and to plain values."""
