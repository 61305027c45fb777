"""What reading one photo may cost: CPU time and memory by its format and its size.

The limits are the system's: a decoder that goes beyond them is ended with its process.
"""

import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.workers.own_limits import limit_cpu_seconds, limit_resources

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

HEADER_SHARE: Final = 0.1
"""Share of the CPU time for what has no pixels: the header, the metadata."""
FULL_SHARE_PIXELS: Final = 50_000_000
"""A photo of so many pixels may use all of the CPU time, a smaller one its share."""
HEADER_BYTES: Final = 256 << 20
"""Memory beyond what the process has when the photo arrives, for headers and metadata."""
MAX_PIXELS_BYTES: Final = 832 << 20
"""Memory for pixels, whatever the photo's size: a WebP of 50 megapixels needs it."""
# Measured on photos of 24 and 50 megapixels, rounded up: the decoder's own frames, the bitmap, and
# the copies that are made of it.
_BYTES_PER_PIXEL: Final = {
    "JPEG": 12, "MPO": 12, "PNG": 14, "GIF": 14, "BMP": 12, "TIFF": 14, "AVIF": 14,
}  # fmt: skip
_DEFAULT_BYTES_PER_PIXEL: Final = 17
_COEFFICIENT_BYTES: Final = 2


class Allowance:
    """The limits of one process for one photo; without seconds there are none."""

    def __init__(self, seconds: float | None = None, base_bytes: int = 0) -> None:
        self._seconds = seconds
        self._base_bytes = base_bytes

    def limit_header(self) -> None:
        """Limit what opening the file, or reading its metadata, may cost from now on."""
        if self._seconds is None:
            return
        limit_cpu_seconds(self._seconds * HEADER_SHARE)
        most = self._base_bytes + HEADER_BYTES + MAX_PIXELS_BYTES
        limit_resources({resource.RLIMIT_AS: most})
        self._limit_memory(HEADER_BYTES)

    def limit_video(self) -> None:
        """Limit what reading a video may cost: all of the CPU time, the memory of a large photo."""
        if self._seconds is None:
            return
        limit_cpu_seconds(self._seconds)
        self._limit_memory(HEADER_BYTES + MAX_PIXELS_BYTES)

    def limit_pixels(self, image: "ImageFile", full_size: tuple[int, int]) -> None:
        """Limit what decoding may cost; the image has the size at which it is decoded.

        Raises:
            MemoryError: it needs more than any photo may.
        """
        if self._seconds is None:
            return
        share = min(1.0, HEADER_SHARE + full_size[0] * full_size[1] / FULL_SHARE_PIXELS)
        limit_cpu_seconds(self._seconds * share)
        self._limit_pixels_memory(pixels_bytes(image, full_size))

    def limit_memory(self, image_format: str, size: tuple[int, int]) -> None:
        """Limit the memory alone, for a photo whose size is known before it is opened.

        Raises:
            MemoryError: it needs more than any photo may.
        """
        if self._seconds is not None:
            self._limit_pixels_memory(_bytes_per_pixel(image_format) * size[0] * size[1])

    def _limit_pixels_memory(self, needed: int) -> None:
        if needed > MAX_PIXELS_BYTES:
            raise MemoryError
        self._limit_memory(HEADER_BYTES + needed)

    def _limit_memory(self, more_bytes: int) -> None:
        """Lower or raise the limit that counts, below that which stays."""
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = self._base_bytes + more_bytes
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
        except (OSError, ValueError):  # macOS refuses it
            return


def pixels_bytes(image: "ImageFile", full_size: tuple[int, int]) -> int:
    """Return how many bytes the pixels of an opened photo take while it is decoded, at most."""
    needed = _bytes_per_pixel(image.format) * image.width * image.height
    if image.info.get("progressive"):  # of the whole photo, however small it is made
        needed += int(_COEFFICIENT_BYTES * _samples_per_pixel(image) * full_size[0] * full_size[1])
    return needed


def _bytes_per_pixel(image_format: str | None) -> int:
    return _BYTES_PER_PIXEL.get(image_format or "", _DEFAULT_BYTES_PER_PIXEL)


def _samples_per_pixel(jpeg: Any) -> float:
    """Return how many values a JPEG has for each pixel: 3 in full colour, often 1.5."""
    factors: list[int] = [across * down for _, across, down, _ in jpeg.layer]
    return sum(factors) / max(factors, default=1)


def virtual_bytes() -> int:
    """Return the address space of this process; a usual one where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return 256 << 20
    return pages * resource.getpagesize()
