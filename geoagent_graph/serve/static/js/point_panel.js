// A point of the map in words: what lies there, the forms to copy, the pages that show it.

import * as api from './api.js';
import { button, el, field, untrusted, refill } from './dom.js';
import { gettext as _, sentence, stored } from './language.js';
import { distance } from './words.js';

const KM_PER_DEGREE = 6371.0088 * Math.PI / 180;
const FORMS = [['decimal', _('Decimal')], ['dms', _('Degrees, minutes, seconds')], ['mgrs', 'MGRS'], ['plus_code', _('Plus code')], ['geo_uri', 'geo: URI']];

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
      el('h2', { class: 'minor' }, name ? untrusted(name, 120) : _('This point')),
      el('p', { role: 'status' }, where(found), best ? ['; ', _('{distance} from the best point', { distance: distance(awayKm(found, best)) })] : ''),
      el('ul', { class: 'forms' }, FORMS.filter(([key]) => found[key]).map(([key, title]) => copyLine(title, found[key]))),
      el('p', { class: 'links' }, `${_('Look there:')} `, ...found.links.map(outside)),
      el('p', { class: 'links quiet' }, `${_('Search by image, dropping the photo there yourself:')} `, ...found.image_searches.map(outside)),
      el('p', { class: 'quiet', text: _('Nothing is sent before you click; what you open then knows the point.') }));
    this.onPoint(found);
  }

  form() {
    const input = el('input', { type: 'text', maxlength: '4000', autocomplete: 'off', dir: 'ltr', placeholder: '41.55, -8.42; 41°33\'N 8°25\'W', id: 'position' });
    const form = el('form', { class: 'inline' }, field(_('A point: click the map, or write it in any form'), input), el('button', { type: 'submit', text: _('Show') }));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (input.value.trim()) this.show(input.value.trim());
    });
    return form;
  }
}

function where(found) {
  const around = [found.region, stored(found.country)].filter(Boolean).join(', ');
  if (!found.town) return sentence('No town is near; {region}', { region: around });
  return sentence('Nearest town {town}, {distance} away; {region}', { town: found.town, distance: distance(found.town_km), region: around });
}

function copyLine(title, words) {
  const said = el('span', { class: 'quiet', role: 'status' });
  const copy = button(_('Copy'), async () => {
    try {
      await navigator.clipboard.writeText(words);
      said.textContent = ` ${_('copied')}`;
    } catch {
      said.textContent = ` ${_('select it and copy it by hand')}`; // no clipboard without a safe address
    }
  }, { class: 'small', 'aria-label': _('Copy {form}', { form: title }) });
  return el('li', {}, `${title}: `, el('code', { dir: 'ltr', text: words }), ' ', copy, said);
}

function outside({ title, url }) {
  return [el('a', { href: url, target: '_blank', rel: 'noopener noreferrer', text: title }), ' '];
}

/** The distance of two points over the ground, on a sphere. */
export function awayKm(one, other) {
  const [lat, otherLat] = [one.lat_deg, other.lat_deg].map((degrees) => degrees * Math.PI / 180);
  const lon = (one.lon_deg - other.lon_deg) * Math.PI / 180;
  const h = Math.sin((lat - otherLat) / 2) ** 2 + Math.cos(lat) * Math.cos(otherLat) * Math.sin(lon / 2) ** 2;
  return 2 * (180 / Math.PI) * KM_PER_DEGREE * Math.asin(Math.min(1, Math.sqrt(h)));
}
