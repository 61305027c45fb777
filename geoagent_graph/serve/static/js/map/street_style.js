// How streets are drawn: quiet, in the page's colours, for the layers of Protomaps and of OpenMapTiles.

const SOURCE = 'basemap';
const WATER = ['water', 'ocean'];
const RIVERS = ['waterway', 'physical_line'];
const GREEN = ['landuse', 'park', 'landcover', 'natural'];
const HOUSES = ['buildings', 'building'];
const WAYS = ['roads', 'transportation', 'transit'];
const WAY_NAMES = ['roads', 'transportation_name'];
const BORDERS = ['boundaries', 'boundary'];
const PLACES = ['places', 'place'];
const GREEN_KINDS = ['park', 'forest', 'wood', 'grass', 'meadow', 'nature_reserve', 'national_park', 'garden', 'cemetery', 'grassland', 'scrub', 'farmland', 'recreation_ground', 'pitch', 'golf_course'];
const GREAT = ['highway', 'motorway', 'trunk'];
const MAIN = ['major_road', 'primary', 'secondary', 'medium_road'];
const SMALL = ['path', 'track', 'footway', 'other', 'pedestrian'];
const RAIL = ['rail', 'transit', 'subway', 'tram'];
const KIND = ['coalesce', ['get', 'kind'], ['get', 'class'], ['get', 'highway'], ''];
const NAME = ['coalesce', ['get', 'name:latin'], ['get', 'name'], ''];
const FONTS = ['Noto Sans Regular'];

/** The MapLibre style for a basemap; `file` is its address on this server. */
export function streetStyle(basemap, file, colours) {
  const url = `pmtiles://${new URL(file, window.location.href).href}`;
  const ground = { id: 'ground', type: 'background', paint: { 'background-color': colours.land } };
  if (basemap.kind === 'raster') {
    const raster = { id: 'pictures', type: 'raster', source: SOURCE };
    return { version: 8, sources: { [SOURCE]: { type: 'raster', url, tileSize: 256 } }, layers: [ground, raster] };
  }
  const there = new Set(basemap.layers);
  const each = (names, make) => names.filter((name) => there.has(name)).map((name) => ({ id: `${make.name}-${name}`, source: SOURCE, 'source-layer': name, ...make(colours) }));
  const layers = [
    ...each(GREEN, green), ...each(WATER, water), ...each(RIVERS, river), ...each(HOUSES, house),
    ...each(WAYS, edge), ...each(WAYS, way), ...each(WAYS, rail), ...each(BORDERS, border),
    ...each(WAY_NAMES, wayName), ...each(PLACES, placeName),
  ];
  return { version: 8, sources: { [SOURCE]: { type: 'vector', url } }, layers: [ground, ...layers] };
}

function green({ here }) {
  return { type: 'fill', filter: ['in', KIND, ['literal', GREEN_KINDS]], paint: { 'fill-color': here, 'fill-opacity': 0.7 } };
}

function water({ sea }) {
  return { type: 'fill', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': sea } };
}

function river({ sea }) {
  return { type: 'line', paint: { 'line-color': sea, 'line-width': ['interpolate', ['exponential', 1.4], ['zoom'], 8, 0.6, 16, 5] } };
}

function house({ muted }) {
  return { type: 'fill', minzoom: 13, paint: { 'fill-color': muted, 'fill-opacity': 0.22 } };
}

const isWay = ['all', ['==', ['geometry-type'], 'LineString'], ['!', ['in', KIND, ['literal', RAIL]]]];

function width(more) {
  const of = (great, main, plain, small) => ['+', more, ['match', KIND, GREAT, great, MAIN, main, SMALL, small, plain]];
  return ['interpolate', ['exponential', 1.5], ['zoom'], 6, of(0.8, 0.3, 0, 0), 11, of(2, 1.4, 0.4, 0.2), 14, of(4, 3, 1.8, 0.8), 18, of(18, 14, 10, 3)];
}

function edge({ muted }) {
  return { type: 'line', minzoom: 11, filter: isWay, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': muted, 'line-opacity': 0.55, 'line-width': width(1.4) } };
}

function way({ card, muted }) {
  const colour = ['match', KIND, SMALL, muted, card];
  return { type: 'line', filter: isWay, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour, 'line-width': width(0) } };
}

function rail({ muted }) {
  return { type: 'line', minzoom: 9, filter: ['in', KIND, ['literal', RAIL]], paint: { 'line-color': muted, 'line-width': 1.2, 'line-dasharray': [4, 2] } };
}

function border({ muted }) {
  return { type: 'line', paint: { 'line-color': muted, 'line-width': 1, 'line-dasharray': [3, 2] } };
}

function wayName({ ink, paper }) {
  return {
    type: 'symbol', minzoom: 13,
    layout: { 'symbol-placement': 'line', 'text-field': NAME, 'text-font': FONTS, 'text-size': 12, 'text-max-angle': 35 },
    paint: { 'text-color': ink, 'text-halo-color': paper, 'text-halo-width': 1.6 },
  };
}

function placeName({ ink, paper }) {
  return {
    type: 'symbol',
    layout: { 'text-field': NAME, 'text-font': FONTS, 'text-size': ['interpolate', ['linear'], ['zoom'], 5, 12, 12, 14], 'text-max-width': 8 },
    paint: { 'text-color': ink, 'text-halo-color': paper, 'text-halo-width': 1.8 },
  };
}
