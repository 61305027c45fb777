"""Whether a file holds more than one picture, without counting them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MAX_GIF_BLOCKS = 1_000_000  # of 255 bytes: more than a file may hold
_EXTENSION, _PICTURE = 0x21, 0x2C


def has_more_frames(image: "ImageFile", data: bytes) -> bool:
    """Return whether a second picture follows; the two pictures of a JPEG (MPO) are one photo."""
    if image.format == "MPO":
        return False
    if image.format == "GIF":
        return has_second_picture(data)
    return bool(getattr(image, "is_animated", False))


def has_second_picture(gif: bytes) -> bool:
    """Return whether a GIF holds a second picture; False where finding out takes too long."""
    at, pictures = 13 + _table_bytes(gif, 10), 0
    for _ in range(MAX_GIF_BLOCKS):
        kind = gif[at] if at < len(gif) else 0
        if kind == _PICTURE:
            pictures += 1
            if pictures > 1:
                return True
            at += 11 + _table_bytes(gif, at + 9)
        elif kind == _EXTENSION:
            at += 2
        else:
            return False
        at = _end_of_blocks(gif, at)
    return False


def _table_bytes(gif: bytes, flags_at: int) -> int:
    """Return the length of a colour table, 0 where the flags say that there is none."""
    flags = gif[flags_at] if flags_at < len(gif) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_blocks(gif: bytes, at: int) -> int:
    """Return what follows a chain of blocks, or the end of the file."""
    for _ in range(MAX_GIF_BLOCKS):
        size = gif[at] if at < len(gif) else 0
        at += size + 1
        if size == 0:
            return at
    return len(gif)
