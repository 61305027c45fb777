"""Device functions on binary angles: int32 in units of 2**-32 turn, 9.3 mm on the equator.

360 degrees is 2**32 is 0: the difference of two longitudes wraps at the date line by itself and is
exact. Only polynomials are used: asin and atan2 cost a slow path and do not run interpreted.
"""

import triton.language as tl

from geoagent_kernels._triton.jit import kernel

UNITS_PER_DEGREE = tl.constexpr(2.0**32 / 360.0)
TURN = tl.constexpr(2.0**-32)
HALF_TURN = tl.constexpr(2.0**-31)


@kernel
def sinpi(x: tl.tensor) -> tl.tensor:
    """Sine of pi x for x in [0, 1/2]; minimax of degree 9, 5.4e-9 relative before rounding."""
    z = x * x
    p = 0.0775603863863
    p = p * z + -0.598242126135
    p = p * z + 2.5500697263
    p = p * z + -5.1677096848
    p = p * z + 3.1415926369
    return x * p


@kernel
def atan(x: tl.tensor) -> tl.tensor:
    """Arc tangent of x in [0, 1]; minimax of degree 17, 1.6e-8 relative before rounding."""
    z = x * x
    p = 0.00284989339934
    p = p * z + -0.0160686556924
    p = p * z + 0.0426915842207
    p = p * z + -0.0750430212412
    p = p * z + 0.106409387226
    p = p * z + -0.142036460157
    p = p * z + 0.199926196461
    p = p * z + -0.333330733623
    p = p * z + 1.0
    return x * p


@kernel
def angle(lat_a: tl.tensor, lon_a: tl.tensor, lat_b: tl.tensor, lon_b: tl.tensor) -> tl.tensor:
    """Central angle in [0, pi], float32, of points in binary angles.

    `p + q = 1`, both sums of non-negative terms (see reference.great_circle_km), and
    `4 atan(sqrt p / (1 + sqrt q))`, whose argument is in [0, 1]: no cancellation, no branch.
    """
    dlat = tl.abs((lat_a - lat_b).to(tl.float32)) * TURN
    slat = tl.abs((lat_a + lat_b).to(tl.float32)) * TURN
    # Half a turn, -2**31, is its own negative, and as uint32 it is 2**31: no int64 is needed.
    dlon = tl.abs(tl.sub(lon_a, lon_b, sanitize_overflow=False)).to(tl.uint32)
    # Complements in integers (2**31 is half a turn, 2**30 a quarter): exact where they are small.
    opposite = (2147483648 - dlon).to(tl.float32) * TURN
    cosines = sinpi((1073741824 - tl.abs(lat_a)).to(tl.float32) * HALF_TURN)
    cosines *= sinpi((1073741824 - tl.abs(lat_b)).to(tl.float32) * HALF_TURN)
    sin_dlat = sinpi(dlat)
    sin_slat = sinpi(slat)
    sin_dlon = sinpi(dlon.to(tl.float32) * TURN)
    sin_opposite = sinpi(opposite)
    near = cosines * (sin_dlon * sin_dlon) + sin_dlat * sin_dlat
    far = cosines * (sin_opposite * sin_opposite) + sin_slat * sin_slat
    return 4.0 * atan(tl.minimum(tl.sqrt(near) / (1.0 + tl.sqrt(far)), 1.0))


@kernel
def unit_vector(lat: tl.tensor, lon: tl.tensor) -> tl.tensor:
    """Unit vector x, y, z, float32, of points in binary angles; each good to 3e-7."""
    north = sinpi(tl.abs(lat).to(tl.float32) * HALF_TURN)
    level = sinpi((1073741824 - tl.abs(lat)).to(tl.float32) * HALF_TURN)
    turned = tl.abs(lon).to(tl.uint32).to(tl.float32) * HALF_TURN  # 0 to 1: half a turn
    east = level * sinpi(tl.minimum(turned, 1.0 - turned))
    front = level * sinpi(tl.abs(0.5 - turned))
    x = tl.where(turned <= 0.5, front, -front)
    return x, tl.where(lon < 0, -east, east), tl.where(lat < 0, -north, north)


@kernel
def from_degrees(degrees: tl.tensor) -> tl.tensor:
    """Degrees of any float type -> nearest binary angle; 180 wraps to -180."""
    units = tl.floor(degrees.to(tl.float64) * UNITS_PER_DEGREE + 0.5)
    return units.to(tl.int64).to(tl.int32)


@kernel
def load_points(points: tl.tensor, rows: tl.tensor, mask: tl.tensor) -> tl.tensor:
    """Rows of [n, 2] degrees -> latitude, longitude (binary angles; 0 if invalid), validity.

    One load of both columns, so that a thread reads 16 bytes at once.
    """
    offsets = rows[:, None] * 2 + tl.arange(0, 2)[None, :]
    lat, lon = tl.split(tl.load(points + offsets, mask=mask[:, None], other=float("nan")))
    valid = (tl.abs(lat) <= 90.0) & (tl.abs(lon) <= 180.0)
    lat = from_degrees(tl.where(valid, lat, 0.0))
    lon = from_degrees(tl.where(valid, lon, 0.0))
    return lat, lon, valid
