"""Files that are cheap to send and dear to decode; their sizes are arguments."""

import struct
import zlib

_SIDE_PX = 7680  # just below the 60 megapixels that are decoded at most


def segment(marker: int, body: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg_frame(marker: int, side_px: int) -> bytes:
    """Return the beginning of a grey JPEG: its quantisation table and its frame."""
    table = segment(0xDB, b"\0" + b"\1" * 64)
    frame = struct.pack(">BHHB", 8, side_px, side_px, 1) + b"\1\x11\0"
    return b"\xff\xd8" + table + segment(marker, frame)


def huffman_table(number: int, symbols: bytes) -> bytes:
    """Return a segment with a table of codes that are all eight bits long."""
    return segment(0xC4, bytes([number, 0, 0, 0, 0, 0, 0, 0, len(symbols), *[0] * 8]) + symbols)


def scan(first: int, last: int, approximation: int, data: bytes) -> bytes:
    """Return a scan of a progressive JPEG of one component."""
    head = bytes([1, 1, 0, first, last, approximation])
    return segment(0xDA, head) + data


def many_scans(scans: int, side_px: int = _SIDE_PX) -> bytes:
    """Return a progressive JPEG with very many scans that hold nothing but runs of empty blocks."""
    runs = -(-((side_px // 8 + 1) ** 2) // 32767)
    # code 0 is a run of 2**14 blocks and the 14 bits after it, here all of them 1: 32,767 blocks
    bits = "".join(["00000000" + "1" * 14] * runs)
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    tables = huffman_table(0x00, b"\0") + huffman_table(0x10, b"\xe0")
    one = scan(1, 63, 0x01, data)
    return jpeg_frame(0xC2, side_px) + tables + scan(1, 63, 0x02, data) + one * scans + b"\xff\xd9"


def padded_jpeg(photo: bytes, size_bytes: int, padding: bytes = b"\xff") -> bytes:
    """Return a JPEG with so many bytes of padding before its first segment."""
    return photo[:2] + padding * (size_bytes // len(padding)) + photo[2:]


def many_segments(photo: bytes, segments: int) -> bytes:
    """Return a JPEG with very many empty comments."""
    return photo[:2] + segment(0xFE, b"") * segments + photo[2:]


def many_pages(pages: int) -> bytes:
    """Return a TIFF of very many pages that all show the same few pixels."""
    pixels = b"\x80" * 64
    first = 8 + len(pixels)
    tags = [(256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, 8), (278, 8), (279, 64)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    page_bytes = 2 + len(entries) + 4
    parts = [b"II*\0", struct.pack("<I", first), pixels]
    for page in range(pages):
        following = first + (page + 1) * page_bytes if page + 1 < pages else 0
        parts += [struct.pack("<H", len(tags)), entries, struct.pack("<I", following)]
    return b"".join(parts)


def one_colour_webp(side_px: int = _SIDE_PX) -> bytes:
    """Return a lossless WebP of one colour: some thirty bytes, whatever its size."""
    # 14 bits of width - 1 and of height - 1, no alpha, version 0; no transform, no colour cache, no
    # codes by region; five codes of one symbol each: "simple", one symbol, of 8 or of 1 bit
    bits = f"{0:03b}0{side_px - 1:014b}{side_px - 1:014b}"
    codes = ["1" + "0" + "1" + f"{value:08b}"[::-1] for value in (0x40, 0x80, 0xC0, 0xFF)]
    stream = bits[::-1] + "000" + "".join(codes) + "1000"
    stream += "0" * (-len(stream) % 8)
    packed = bytes(int(stream[at : at + 8][::-1], 2) for at in range(0, len(stream), 8))
    body = b"\x2f" + packed
    body += b"\0" * (len(body) % 2)
    chunk = b"VP8L" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def many_chunks(chunks: int) -> bytes:
    """Return a PNG with very many empty chunks that nobody knows."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    rows = png_chunk(b"IDAT", zlib.compress(bytes(9 * 8)))
    junk = png_chunk(b"juNk", b"") * chunks
    return b"\x89PNG\r\n\x1a\n" + head + junk + rows + png_chunk(b"IEND", b"")


def one_colour_png(side_px: int = _SIDE_PX) -> bytes:
    """Return a grey PNG of one colour: a thousand pixels a byte."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0))
    rows = png_chunk(b"IDAT", zlib.compress(bytes((side_px + 1) * side_px), 9))
    return b"\x89PNG\r\n\x1a\n" + head + rows + png_chunk(b"IEND", b"")


def many_blocks(blocks: int) -> bytes:
    """Return a GIF whose picture, of one byte a block, is followed by a second one."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    picture = b"," + struct.pack("<HHHHB", 0, 0, 8, 8, 0) + b"\2"
    return screen + picture + b"\1\x84" * blocks + b"\0" + picture + b"\1\x84\0;"
