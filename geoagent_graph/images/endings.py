"""What the names of photos end in."""

from typing import Final

PHOTO_ENDINGS: Final = (
    ".jpg",
    ".jpeg",
    ".png",
    ".webp",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".heic",
    ".avif",
)
