// The countries to draw, and which code and continent each shape has.

import * as api from '../api.js';
import { d3, degreesBetween, topojson } from './libraries.js';
import { circleAround } from './circle.js';

// Rounding has made lines of the smallest islets; on a sphere such a ring can mean all the rest.
const MAX_STERADIANS = 6;
const FEW_POINTS = 12;
const ALWAYS_FINE_BELOW = 25; // degrees: closer than this the world is never drawn coarsely
const FINEST_BELOW = 6;

/** One scale of the map: shapes and borders, each with the circle that holds it. */
class Sheet {
  constructor(topology, countries) {
    const drawn = topology.objects.countries;
    this.shapes = topojson.feature(topology, drawn).features.flatMap((feature) => {
      const ours = countries.filter((country) => country.feature === (feature.id ?? feature.properties.name));
      return pieces(feature).filter(isSound).map((geometry) => {
        const around = circleAround(geometry.coordinates[0]);
        return { geometry, country: ownerOf(around.centre, ours), ...around };
      });
    });
    const mesh = topojson.mesh(topology, drawn, (one, other) => one !== other);
    this.borders = mesh.coordinates.map((coordinates) => ({
      geometry: { type: 'LineString', coordinates }, ...circleAround(coordinates),
    }));
  }

  /** The shapes and borders that reach into a circle of [lon, lat] and degrees. */
  within(centre, degrees) {
    const near = (piece) => degreesBetween(centre, piece.centre) < degrees + piece.degrees;
    return { shapes: this.shapes.filter(near), borders: this.borders.filter(near) };
  }
}

export class Atlas {
  constructor([coarse, fine], countries) {
    this.countries = countries;
    this.coarse = new Sheet(coarse, countries);
    this.fine = new Sheet(fine, countries);
    this.finest = null;
    this.loading = null;
  }

  static async load() {
    const [coarse, fine, table] = await Promise.all([api.world('110m'), api.world('50m'), api.countries()]);
    return new Atlas([coarse, fine], table.countries);
  }

  /** The scale for a look of so many degrees; a coarse one while the map moves. */
  sheet(degrees, moving) {
    if (degrees < FINEST_BELOW && this.finest) return this.finest;
    return moving && degrees > ALWAYS_FINE_BELOW ? this.coarse : this.fine;
  }

  /** Load the finest shapes once a look is so close that they are worth their size. */
  refine(degrees, onLoaded) {
    if (degrees >= FINEST_BELOW) return;
    this.loading ??= api.world('10m').then((topology) => {
      this.finest = new Sheet(topology, this.countries);
      onLoaded();
    }, () => { this.loading = null; }); // the shapes there are stay; the next look tries again
  }

  /** The circle around a country's largest piece, or around a continent's countries. */
  circleOf(place) {
    if (place.level === 'continent') return CONTINENTS[place.continent_code];
    const own = this.fine.shapes.filter((shape) => shape.country?.code === place.country_code);
    const area = new Map(own.map((shape) => [shape, d3.geoArea(shape.geometry)]));
    const largest = own.sort((one, other) => area.get(other) - area.get(one))[0];
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

function isSound(geometry) {
  if (geometry.coordinates[0].length > FEW_POINTS) return true;
  const area = d3.geoArea(geometry);
  return area > 0 && area < MAX_STERADIANS;
}

/** Whose a piece is: Guyane is drawn with France, but has a code and a continent of its own. */
function ownerOf([lon, lat], ours) {
  const part = ours.find(({ box_deg: box }) => box && box[0] <= lon && lon <= box[2] && box[1] <= lat && lat <= box[3]);
  return part ?? ours.find(({ box_deg: box }) => !box) ?? null;
}
