"""What we read in files that ExifTool wrote is what ExifTool reads in them."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.file_claims import FileClaims
from geoagent_graph.images.checked_claims import file_claims_from_tags
from geoagent_graph.images.sandbox.metadata import read_metadata
from tests.support.photo_files import photo

pytestmark = [
    pytest.mark.skipif(
        shutil.which("exiftool") is None,
        reason="needs Debian's libimage-exiftool-perl (make system)",
    ),
    pytest.mark.filterwarnings("ignore::UserWarning"),  # Pillow's; the decoding process is silent
]

GPS = ["-GPSLatitude=33.4489", "-GPSLatitudeRef=S", "-GPSLongitude=70.6693", "-GPSLongitudeRef=W"]
XMP_GPS = ["-XMP:GPSLatitude=-33.4489", "-XMP:GPSLongitude=-70.6693"]
PLACE = ["-XMP:City=Valparaíso", "-XMP:State=V Región", "-XMP:Country=Chile", "-XMP:CountryCode=CL"]
IPTC = [
    "-IPTC:City=Valparaíso",
    "-IPTC:Country-PrimaryLocationName=Chile",
    "-codedcharacterset=utf8",
]
CREATED = ["-XMP:LocationCreatedCity=Iquique", "-XMP:LocationCreatedCountryName=Chile"]
DETAILS = [
    "-Make=Maker", "-Model=Model 7", "-DateTimeOriginal=2024:05:06 07:08:09",
    "-OffsetTimeOriginal=-04:00", "-GPSDateStamp=2024:05:06", "-GPSTimeStamp=11:08:00",
    "-GPSHPositioningError=14", "-GPSDOP=2", "-GPSStatus#=V", "-GPSMapDatum=WGS-84",
]  # fmt: skip
SAMPLES: dict[str, list[str]] = {
    "all.jpg": [*GPS, *DETAILS, *PLACE],
    "north_east.jpg": [
        "-GPSLatitude=60.1699", "-GPSLatitudeRef=N", "-GPSLongitude=24.9384", "-GPSLongitudeRef=E",
    ],
    "xmp.jpg": [*XMP_GPS, "-XMP:DateTimeOriginal=2024:05:06 07:08:09-04:00"],
    "iptc.jpg": [*IPTC, "-IPTC:DateCreated=2024:05:06", "-IPTC:TimeCreated=07:08:09-04:00"],
    "created.jpg": [*CREATED, *PLACE],
    "drone.jpg": ["-XMP-drone-dji:GPSLatitude=-33.4489", "-XMP-drone-dji:GPSLongitude=-70.6693"],
    "exif.png": [*GPS, *DETAILS],
    "xmp.png": [*XMP_GPS, *PLACE],
    "all.tif": [*GPS, *DETAILS, *IPTC],
    "xmp.tif": XMP_GPS,
    "xmp.gif": [*XMP_GPS, *PLACE],
    "exif.avif": [*GPS, *DETAILS],
    "beside.xmp": [*XMP_GPS, *PLACE],
}  # fmt: skip
ASKED = [
    "-Composite:GPSLatitude", "-Composite:GPSLongitude", "-XMP:GPSLatitude", "-XMP:GPSLongitude",
    "-EXIF:GPSHPositioningError", "-EXIF:GPSStatus", "-DateTimeOriginal", "-EXIF:Make",
    "-EXIF:Model", "-XMP:LocationCreatedCity", "-XMP:City", "-IPTC:City", "-XMP:Country",
]  # fmt: skip
FORMATS = {"jpg": "JPEG", "png": "PNG", "tif": "TIFF", "gif": "GIF", "avif": "AVIF"}


def exiftool(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        ["exiftool", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout


@pytest.fixture(scope="module")
def read_by_exiftool(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return the folder of the samples, written in one call, and what ExifTool reads in each."""
    folder = tmp_path_factory.mktemp("samples")
    calls: list[str] = []
    for name, tags in SAMPLES.items():
        image_format = FORMATS.get(name.rsplit(".", 1)[1])
        if image_format is not None:
            (folder / name).write_bytes(photo(image_format))
        calls += [*tags, "-overwrite_original", name, "-execute"]
    (folder / "calls.txt").write_text("\n".join(calls))
    exiftool("-@", "calls.txt", folder=folder)
    rows = json.loads(exiftool("-json", "-n", "-G", *ASKED, *SAMPLES, folder=folder))
    return folder, {row["SourceFile"]: row for row in rows}


def ours(path: Path) -> FileClaims:
    return file_claims_from_tags(read_metadata(path.read_bytes()))


@pytest.mark.parametrize("name", SAMPLES)
def test_our_reading_is_that_of_exiftool(
    name: str, read_by_exiftool: tuple[Path, dict[str, Any]]
) -> None:
    folder, rows = read_by_exiftool
    row, claims = rows[name], ours(folder / name)
    assert len(row) > 1, "ExifTool wrote nothing into this kind of file"
    for axis, found in (("Latitude", claims.lat_deg), ("Longitude", claims.lon_deg)):
        expected = row.get(f"Composite:GPS{axis}", row.get(f"XMP:GPS{axis}"))
        assert found == (None if expected is None else pytest.approx(expected, abs=1e-7))
    taken = next((row[key] for key in row if key.endswith("DateTimeOriginal")), None)
    if taken is not None:
        written = (claims.taken_at or "").replace("-", ":").replace("T", " ")
        assert written == taken[:19]
    camera = " ".join(row[key] for key in ("EXIF:Make", "EXIF:Model") if key in row)
    assert claims.camera == (camera or None)
    city = row.get("XMP:LocationCreatedCity") or row.get("XMP:City") or row.get("IPTC:City")
    assert (claims.location.city if claims.location else None) == city
    assert claims.error_m == row.get("EXIF:GPSHPositioningError")
    assert claims.void is (row.get("EXIF:GPSStatus") == "V")
    assert claims.problems == ()
