"""Pixels of a photo; where they are refused, the message says what position the file claims."""

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.decode import DecodedPhoto, decode_photo
from geoagent_graph.images.exif import read_file_claims
from geoagent_graph.settings import Settings


def decode_or_tell_position(
    data: bytes, name: str, settings: Settings, sidecar: bytes | None = None
) -> DecodedPhoto:
    """Return the upright photo at the size at which text is read.

    Raises:
        PhotoError: it cannot be decoded; a position in its metadata, or in the XMP file beside it,
            is in the message.
        ToolError: the decoding process cannot be started.
    """
    try:
        return decode_photo(data, name, settings, settings.ocr_max_side)
    except PhotoError as error:
        claims = read_file_claims(data, settings)
        if sidecar is not None:
            claims = claims.completed_by(read_file_claims(sidecar, settings))
        if claims.lat_deg is None or claims.lon_deg is None:
            raise
        position = f"{claims.lat_deg:.5f}, {claims.lon_deg:.5f}"
        raise PhotoError(f"{error} Its metadata claim the position {position}.") from error
