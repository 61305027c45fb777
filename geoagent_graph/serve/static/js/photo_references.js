// Reference photos that look like the photo: what matches, how far away, and whose they are.

import { el, untrusted, refill } from './dom.js';
import { counted, gettext as _, localNumber, sentence } from './language.js';
import { awayKm } from './point_panel.js';
import { coordinates, distance } from './words.js';

const MAX_SHOWN = 10;
const LINKED = new Set(['http:', 'https:']);

/** The newest references of a trace into a node; empty where none were found. */
export function showReferences(node, trace) {
  const found = trace.answer?.references ?? trace.steps.findLast((step) => step.detail.references?.length)?.detail.references ?? [];
  const best = trace.answer && trace.answer.level !== 'none' ? trace.answer : null;
  if (!found.length) {
    node.replaceChildren();
    return;
  }
  refill(node, el('details', { id: 'references' },
    el('summary', { id: 'references-summary', text: counted('{count} look-alike photo', '{count} look-alike photos', found.length) }),
    el('p', { class: 'quiet', text: _('Likeness alone is weak; many matching points mean the same place. Nothing is loaded before you follow a link.') }),
    el('ol', { class: 'references' }, found.slice(0, MAX_SHOWN).map((reference) => item(reference, best)))));
}

function item(reference, best) {
  const points = reference.matching_points;
  const facts = [
    _('similarity {number}', { number: localNumber(reference.score, 2) }),
    points == null ? null : counted('{count} matching point', '{count} matching points', points),
    coordinates(reference.lat_deg, reference.lon_deg, 5),
    best ? _('{distance} from the best point', { distance: distance(awayKm(reference, best)) }) : null,
  ].filter(Boolean).join('; ');
  const credit = [reference.attribution, reference.license].filter(Boolean).join(', ');
  return el('li', {}, titleOf(reference), el('br'), facts,
    credit ? [el('br'), el('span', { class: 'quiet' }, sentence('Credit: {words}', { words: untrusted(credit, 300) }))] : null);
}

/** Its name; a link where its source is a page. */
function titleOf({ id, source_url: source }) {
  if (!URL.canParse(source) || !LINKED.has(new URL(source).protocol)) return untrusted(id, 120);
  return el('a', { href: source, target: '_blank', rel: 'noopener noreferrer' }, untrusted(id, 120));
}
