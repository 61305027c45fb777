// What each source of evidence weighed: the claim with it, and without it.

import { el, untrusted, refill } from './dom.js';
import { gettext as _, localNumber, sentence, stored } from './language.js';
import { percent } from './words.js';

const COLUMNS = [_('Source'), _('Nats'), _('Share'), _('With'), _('Without')];
const LAST_COLUMN = _('Then the likeliest country');

/** The table of an answer into a section; hidden where no source spoke. */
export function showSources(node, answer) {
  const weights = answer?.source_weights ?? [];
  node.hidden = !weights.length;
  if (!weights.length) {
    node.replaceChildren();
    return;
  }
  refill(node,
    el('h2', { id: 'sources-title', text: _('What each source weighed') }),
    el('p', { class: 'lead' }, sentence('How likely {place} is by all the evidence, and by the evidence without one source.', { place: stored(weights[0].place) })),
    el('div', { class: 'scroll' }, el('table', {},
      el('thead', {}, el('tr', {}, COLUMNS.map((name, column) => el('th', { scope: 'col', class: column ? 'number' : '', text: name })), el('th', { scope: 'col', text: LAST_COLUMN }))),
      el('tbody', {}, weights.map(row)))));
}

function row(weight) {
  const nats = `${weight.nats >= 0 ? '+' : '\u2212'}${localNumber(Math.abs(weight.nats), 1)}`;
  const numbers = [nats, percent(weight.share), percent(weight.probability), percent(weight.probability_without)];
  return el('tr', {},
    el('th', { scope: 'row' }, untrusted(_(weight.label), 80)),
    ...numbers.map((text) => el('td', { class: 'number', text })),
    el('td', {}, untrusted(stored(weight.country_without), 80), ` (${percent(weight.country_probability_without)})`));
}
