// The basemap below the map: MapLibre draws the streets of a local PMTiles file, the map draws the rest.
//
// Nothing of it is loaded unless the server has such a file. Near by, where the file reaches, the map
// takes MapLibre's projection, so that circles and points lie where they belong.

import { visible } from '../dom.js';
import { gettext as _ } from '../language.js';
import { streetStyle } from './street_style.js';

const VENDOR = '/static/vendor/';
const FILE = '/v1/basemap';
const NEAR_BELOW = 4; // degrees: from further away the globe says more than streets
const MAX_LAT_DEG = 80;
const TILE_PIXELS = 512;

export class Streets {
  constructor(box, credit, basemap) {
    this.box = box;
    this.credit = credit;
    credit.textContent = visible(basemap.attribution, 400);
    this.basemap = basemap;
    this.map = null;
    this.failed = false;
  }

  /** Whether a look of the map is one that streets are drawn for. */
  covers({ centre: [lon, lat], degrees }) {
    const { west_deg: west, east_deg: east, south_deg: south, north_deg: north } = this.basemap;
    const reach = Math.min(east - west, north - south) / 2; // a wider look shows more than the file has
    if (this.failed || degrees > Math.min(NEAR_BELOW, 2 * reach) || Math.abs(lat) > MAX_LAT_DEG) return false;
    return west <= lon && lon <= east && south <= lat && lat <= north;
  }

  /** Draw the streets below a look: its centre, and how many pixels a radian has there. */
  look({ centre }, pixelsPerRadian, colours) {
    const returns = this.box.hidden;
    this.reveal(true);
    this.colours = colours;
    const [lon, lat] = centre;
    const zoom = Math.log2((2 * Math.PI * pixelsPerRadian * Math.cos(lat * Math.PI / 180)) / TILE_PIXELS);
    this.aim = { center: [lon, lat], zoom };
    if (this.map && returns) this.map.resize();
    if (this.map) this.map.jumpTo(this.aim);
    else this.loading ??= this.load();
  }

  hide() {
    this.reveal(false);
  }

  reveal(shown) {
    this.box.hidden = !shown;
    this.credit.hidden = !shown || !this.credit.textContent;
  }

  /** Take the colours of another theme. */
  recolour(colours) {
    this.colours = colours;
    this.map?.setStyle(streetStyle(this.basemap, FILE, colours));
  }

  async load() {
    if (!document.createElement('canvas').getContext('webgl2')) {
      this.giveUp(_('This browser cannot draw the streets: it has no WebGL 2.'));
      return;
    }
    try {
      const [maplibre] = await Promise.all([import(`${VENDOR}maplibre-gl.mjs`), script(`${VENDOR}pmtiles.js`), sheet(`${VENDOR}maplibre-gl.css`)]);
      maplibre.setWorkerUrl(new URL(`${VENDOR}maplibre-gl-worker.mjs`, window.location.href).href);
      maplibre.addProtocol('pmtiles', new globalThis.pmtiles.Protocol().tile);
      this.map = new maplibre.Map({
        container: this.box, style: streetStyle(this.basemap, FILE, this.colours), interactive: false,
        attributionControl: false, fadeDuration: 0, maxZoom: 24, ...this.aim,
      });
      this.map.on('error', ({ error }) => this.onProblem?.(_('Some of the streets cannot be drawn: {problem}', { problem: error.message })));
    } catch (error) {
      this.giveUp(_('This browser cannot draw the streets: {problem}', { problem: error.message }));
    }
  }

  /** From now on the map is as it was before. */
  giveUp(words) {
    this.failed = true;
    this.hide();
    this.onProblem?.(words);
  }
}

function script(source) {
  return loaded(Object.assign(document.createElement('script'), { src: source }));
}

function sheet(address) {
  return loaded(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: address }));
}

function loaded(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener('load', resolve);
    element.addEventListener('error', () => reject(new Error(`${element.src ?? element.href} is missing`)));
    document.head.append(element);
  });
}
