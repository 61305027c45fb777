// What is known of the photo's file: what was measured of it, and what it says of itself.

import { button, el, untrusted, refill } from './dom.js';
import { gettext as _, localNumber } from './language.js';
import { coordinates, kilometres } from './words.js';

const CLAIMS = {
  taken_at: _('Time'), utc_offset: _('Zone of the time'), camera: _('Camera'), software: _('Made with'),
};

/** The panel into a node, from a trace; empty until it has begun. `onPosition` shows a point on the map. */
export function showFacts(node, trace, onPosition) {
  const image = trace.opened?.image;
  if (!image) {
    node.replaceChildren();
    return;
  }
  const claims = claimsOf([...trace.clues.values()], onPosition);
  refill(node, el('details', { id: 'facts' },
    el('summary', { id: 'facts-summary', text: _('What the file says') }),
    el('dl', { class: 'facts' }, fact(_('File'), untrusted(image.name, 120)),
      fact(_('Picture'), _('{format}, {width} by {height} pixels', { format: image.format, width: localNumber(image.width), height: localNumber(image.height) })),
      fact('SHA-256', el('code', { dir: 'ltr', text: image.sha256.replace('sha256:', '') })),
      claims.map(([title, words]) => fact(title, words))),
    el('p', { class: 'quiet', text: lastWords(trace, claims) })));
}

/** What is to be thought of it: nothing was asked for, nothing was found, or a claim is a claim. */
function lastWords(trace, claims) {
  if (claims.length) return _('Anyone can write this into a file: these are claims, weighed as such.');
  return trace.opened.options?.use_exif === false
    ? _('What the file claims of place and time was not to be heard.')
    : _('The file claims no place, no time and no camera.');
}

function claimsOf(clues, onPosition) {
  return clues.flatMap(({ id, kind, attributes }) => {
    if (kind === 'exif_position') return [[_('Position'), [positionOf(attributes), ' ', mapButton(id, attributes, onPosition)]]];
    if (kind === 'file_place') return [[_('Named place'), untrusted(placeOf(attributes), 300)]];
    if (kind !== 'exif_other') return [];
    return Object.keys(CLAIMS).filter((name) => attributes[name]).map((name) => [CLAIMS[name], untrusted(attributes[name], 200)]);
  });
}

function positionOf({ lat_deg: lat, lon_deg: lon, error_m: error, void: noFix, age_seconds: age }) {
  const said = [untrusted(coordinates(Number(lat), Number(lon)))];
  if (error !== undefined) said.push(_('precise to about {distance}', { distance: lengthOf(Number(error)) }));
  if (age !== undefined) said.push(_('measured {number} s before the photo', { number: localNumber(Number(age)) }));
  if (noFix) said.push(_('the receiver had no fix'));
  return said.flatMap((words, index) => (index ? ['; ', words] : [words]));
}

function mapButton(id, { lat_deg: lat, lon_deg: lon }, onPosition) {
  const show = () => onPosition({ lat_deg: Number(lat), lon_deg: Number(lon) });
  return button(_('Show on the map'), show, { class: 'small', id: `claim-${id}` });
}

function lengthOf(metres) {
  if (metres >= 1000) return kilometres(localNumber(metres / 1000, 1));
  return _('{number} m', { number: localNumber(Math.max(1, Math.round(metres))) });
}

function placeOf({ sublocation, city, region, country, country_code: code }) {
  return [sublocation, city, region, country ?? code].filter(Boolean).join(', ');
}

function fact(title, words) {
  return [el('dt', { text: title }), el('dd', {}, words)];
}
