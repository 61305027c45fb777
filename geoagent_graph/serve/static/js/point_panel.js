// A point of the map in words: what lies there, the forms to copy, the pages that show it.

import * as api from './api.js';
import { button, el, field, untrusted, refill } from './dom.js';
import { distance } from './words.js';

const KM_PER_DEGREE = 6371.0088 * Math.PI / 180;
const FORMS = [['decimal', 'Decimal'], ['dms', 'Degrees, minutes, seconds'], ['mgrs', 'MGRS'], ['plus_code', 'Plus code'], ['geo_uri', 'geo: URI']];

export class PointPanel {
  /** `onPoint(point)` shows a point that was typed; `node` is empty until one is chosen. */
  constructor(node, onPoint) {
    this.node = node;
    this.onPoint = onPoint;
    this.shown = null;
  }

  clear() {
    this.shown = null;
    this.node.replaceChildren(this.form());
  }

  /** Show a point, and how far it is from the best one. */
  async show(position, { name = '', best = null } = {}) {
    const asked = {};
    this.shown = asked;
    let found;
    try {
      found = await api.point(position);
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      if (this.shown === asked) refill(this.node, this.form(), el('p', { class: 'error', role: 'alert' }, untrusted(error.message, 400)));
      return;
    }
    if (this.shown !== asked) return;
    refill(this.node, this.form(),
      el('h3', {}, name ? untrusted(name, 120) : 'This point'),
      el('p', { role: 'status' }, ...where(found), best ? `; ${distance(awayKm(found, best))} from the best point` : ''),
      el('ul', { class: 'forms' }, FORMS.filter(([key]) => found[key]).map(([key, title]) => copyLine(title, found[key]))),
      el('p', { class: 'links' }, 'Look there: ', ...found.links.map(outside)),
      el('p', { class: 'links quiet' }, 'Search by image, dropping the photo there yourself: ', ...found.image_searches.map(outside)),
      el('p', { class: 'quiet', text: 'Nothing is sent before you click; what you open then knows the point.' }));
    this.onPoint(found);
  }

  form() {
    const input = el('input', { type: 'text', maxlength: '200', autocomplete: 'off', placeholder: '41.55, -8.42 or 41°33\'N 8°25\'W', id: 'position' });
    const form = el('form', { class: 'inline' }, field('A point: click the map, or write it in any form', input), el('button', { type: 'submit', text: 'Show' }));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (input.value.trim()) this.show(input.value.trim());
    });
    return form;
  }
}

function where(found) {
  const near = found.town ? [untrusted(found.town, 80), `, ${distance(found.town_km)} away; `] : [];
  return ['Nearest town ', ...near, untrusted([found.region, found.country].filter(Boolean).join(', '), 120)];
}

function copyLine(title, words) {
  const said = el('span', { class: 'quiet', role: 'status' });
  const copy = button('Copy', async () => {
    try {
      await navigator.clipboard.writeText(words);
      said.textContent = ' copied';
    } catch {
      said.textContent = ' select it and copy it by hand'; // no clipboard without a safe address
    }
  }, { class: 'small', 'aria-label': `Copy ${title}` });
  return el('li', {}, `${title}: `, el('code', { text: words }), ' ', copy, said);
}

function outside({ title, url }) {
  return [el('a', { href: url, target: '_blank', rel: 'noopener noreferrer', text: title }), ' '];
}

function awayKm(one, other) {
  const [lat, otherLat] = [one.lat_deg, other.lat_deg].map((degrees) => degrees * Math.PI / 180);
  const lon = (one.lon_deg - other.lon_deg) * Math.PI / 180;
  const h = Math.sin((lat - otherLat) / 2) ** 2 + Math.cos(lat) * Math.cos(otherLat) * Math.sin(lon / 2) ** 2;
  return 2 * (180 / Math.PI) * KM_PER_DEGREE * Math.asin(Math.min(1, Math.sqrt(h)));
}
