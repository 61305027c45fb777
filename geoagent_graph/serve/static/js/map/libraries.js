// The vendored libraries, which are loaded before the page's modules (see vendor/README.md).

export const d3 = globalThis.d3;
export const topojson = globalThis.topojson;
const EARTH_RADIUS_KM = 6371.0088;

export const degreesOf = (km) => (km / EARTH_RADIUS_KM) * (180 / Math.PI);
export const kmOf = (degrees) => (degrees * Math.PI / 180) * EARTH_RADIUS_KM;

/** The great-circle distance in degrees between two [lon, lat]. */
export function degreesBetween(one, other) {
  return d3.geoDistance(one, other) * 180 / Math.PI;
}
