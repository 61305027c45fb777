"""What data that cannot be decoded is, and what to do about it."""

from geoagent_graph.installation import extra_command

READ_FORMATS = "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEAD_BYTES = 4096
_VIDEO = (
    "a video, not a photo. `geoagent investigate` and the page take its frames as photos of one "
    "trip; the position that its file may hold is not read."
)
_BEGINNINGS = (
    (b"8BPS", "a Photoshop document (PSD). Export it as JPEG or PNG."),
    (b"\xff\x0a", "JPEG XL, which is not read. Save it as JPEG."),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL, which is not read. Save it as JPEG."),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000, which is not read. Save it as JPEG."),
    (b"\xff\x4f\xff\x51", "JPEG 2000, which is not read. Save it as JPEG."),
    (b"II\xbc\x01", "JPEG XR, which is not read. Save it as JPEG."),
    (b"gimp xcf", "a GIMP document (XCF). Export it as JPEG or PNG."),
    (b"\0\0\1\0", "an icon, not a photo. Save it as PNG."),
    (b"\x1aE\xdf\xa3", _VIDEO),
    (b"PK\x03\x04", "a ZIP archive, not a photo. Unpack it and give the photos in it."),
)


def describe_refused(data: bytes) -> str:
    """Return what data of no format that is read here is, and what to do."""
    head = data[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for beginning, words in _BEGINNINGS:
        if data.startswith(beginning):
            return words
    if data[4:8] == b"ftyp":
        return _describe_boxes(data)
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "a TIFF or a camera's raw file that cannot be read. Convert it to JPEG."
    if b"<svg" in head:
        return "an SVG drawing, not a photo. Export it as PNG."
    if head.startswith((b"<!doctype html", b"<html")):
        return "a web page, not a photo. Save the picture itself, not the page."
    if head.startswith(b"%pdf"):
        return "a PDF, not a photo. Export the page as JPEG."
    if head.startswith((b"<?xpacket", b"<x:xmpmeta")):
        return "an XMP file that belongs to a photo. Give the photo; XMP beside it is read too."
    if _is_text(data[:_HEAD_BYTES]):
        return "a text file, not a photo. Give the photo itself."
    return f"not a photo in a known format. Save it as {READ_FORMATS}."


def describe_raw(data: bytes) -> str:
    """Return what a camera's raw file without a preview is, and what to do."""
    names = {b"FOVb": "X3F, ", b"\0MRM": "MRW, ", b"FUJI": "RAF, ", b"II\x1a\0": "CRW, "}
    called = "CR3, " if data[8:12] == b"crx " else names.get(data[:4], "")
    return (
        f"{called}a camera's raw file, in which no JPEG preview was found. "
        "Convert it to JPEG, for example with darktable, RawTherapee or its maker's program."
    )


def _describe_boxes(data: bytes) -> str:
    """Return what a file of ISO boxes is, by its main and its compatible brands."""
    size = min(int.from_bytes(data[:4], "big"), _HEAD_BYTES)
    brands = {data[at : at + 4] for at in (8, *range(16, size, 4))}
    if brands & _HEIC_BRANDS and not brands & _AVIF_BRANDS:
        return (
            f"HEIC, which needs one more package: {extra_command('heic')} "
            "(pillow-heif); or save it as JPEG."
        )
    if brands & _AVIF_BRANDS:
        return "AVIF, which this build of Pillow cannot read. Save it as JPEG."
    return _VIDEO


def _is_text(head: bytes) -> bool:
    try:
        text = head[:4000].decode("utf-8", "strict") if len(head) < 4000 else head.decode("latin-1")
    except UnicodeDecodeError:
        return False
    printable = sum(character.isprintable() or character in "\r\n\t" for character in text)
    return printable > 0.95 * len(text)
