// The countries to draw, and which code and continent each shape has.

import * as api from '../api.js';
import { d3, degreesBetween, topojson } from './libraries.js';

// Rounding has made lines of the smallest islets; on a sphere such a ring can mean all the rest.
const MOST_STERADIANS = 6;

/** One scale of the map: shapes with the circle that holds each, and all borders in one line. */
class Sheet {
  constructor(topology, countries) {
    const drawn = topology.objects.countries;
    this.shapes = topojson.feature(topology, drawn).features.flatMap((feature) => {
      const ours = countries.filter((country) => country.feature === (feature.id ?? feature.properties.name));
      return pieces(feature).map((geometry) => {
        const around = circleAround(geometry);
        return { geometry, country: ownerOf(around.centre, ours), ...around };
      }).filter((shape) => shape.area > 0 && shape.area < MOST_STERADIANS);
    });
    this.borders = topojson.mesh(topology, drawn, (one, other) => one !== other);
  }

  /** The shapes that reach into a circle of [lon, lat] and degrees. */
  within(centre, degrees) {
    if (degrees > 60) return this.shapes;
    return this.shapes.filter((shape) => degreesBetween(centre, shape.centre) < degrees + shape.degrees);
  }
}

export class Atlas {
  constructor(topology, countries) {
    this.countries = countries;
    this.coarse = new Sheet(topology, countries);
    this.fine = null;
    this.loading = null;
  }

  static async load() {
    const [topology, table] = await Promise.all([api.world('50m'), api.countries()]);
    return new Atlas(topology, table.countries);
  }

  /** Load the finest shapes once; they are only worth it close up. */
  refine(onLoaded) {
    this.loading ??= api.world('10m').then((topology) => {
      this.fine = new Sheet(topology, this.countries);
      onLoaded();
    }, () => { this.loading = null; }); // the coarse shapes stay; the next look tries again
  }

  /** The circle around a country's largest piece, or around a continent's countries. */
  circleOf(place) {
    if (place.level === 'continent') return CONTINENTS[place.continent_code];
    const own = this.coarse.shapes.filter((shape) => shape.country?.code === place.country_code);
    const largest = own.reduce((best, shape) => (shape.area > (best?.area ?? 0) ? shape : best), null);
    if (!largest) return { centre: [place.lon_deg, place.lat_deg], degrees: 2 };
    return { centre: largest.centre, degrees: Math.max(largest.degrees, 0.6) };
  }
}

// Russia and the overseas parts would move a computed centre far off.
const CONTINENTS = {
  AF: { centre: [18, 2], degrees: 38 }, AN: { centre: [0, -90], degrees: 30 },
  AS: { centre: [90, 36], degrees: 46 }, EU: { centre: [15, 53], degrees: 23 },
  NA: { centre: [-98, 42], degrees: 38 }, OC: { centre: [150, -20], degrees: 36 },
  SA: { centre: [-60, -20], degrees: 36 },
};

function pieces(feature) {
  const { geometry } = feature;
  if (geometry.type === 'Polygon') return [geometry];
  return geometry.coordinates.map((coordinates) => ({ type: 'Polygon', coordinates }));
}

/** Whose a piece is: Guyane is drawn with France, but has a code and a continent of its own. */
function ownerOf([lon, lat], ours) {
  const part = ours.find(({ box_deg: box }) => box && box[0] <= lon && lon <= box[2] && box[1] <= lat && lat <= box[3]);
  return part ?? ours.find(({ box_deg: box }) => !box) ?? null;
}

function circleAround(geometry) {
  const centre = d3.geoCentroid(geometry);
  const [outline] = geometry.coordinates;
  let degrees = 0;
  const stride = Math.max(1, Math.floor(outline.length / 200));
  for (let index = 0; index < outline.length; index += stride) {
    degrees = Math.max(degrees, degreesBetween(centre, outline[index]));
  }
  return { centre, degrees: degrees * 1.05, area: d3.geoArea(geometry) };
}
