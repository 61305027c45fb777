// The candidates of a level as a list: the map in words.

import { button, el, untrusted, refill } from './dom.js';
import { gettext as _, localNumber, mark, sentence, storedText } from './language.js';
import { forAgainstTogether, percent, placeName, placeWordOf, strength } from './words.js';

const MAX_OPEN_ROWS = 10;
const NOT_YET = {
  continent: _('No continent has been looked at yet.'), country: _('No country has been looked at yet.'),
  city: _('No city has been looked at yet.'),
};
const AFTER = mark('Likeliest first. Shares within {place}, after the evidence; what is missing from 100 % is somewhere else.');
const BEFORE = mark('Likeliest first. Shares within {place}, before the evidence; what is missing from 100 % is somewhere else.');


const SIDES = { for: _('for'), against: _('against'), together: _('together') };

/** `{trace, level, onVeto(hypothesis), onPoint(clueIds), canVeto}` into a node. */
export function showCandidates(node, { trace, level, onVeto, onPoint, canVeto }) {
  const found = trace.levels[level];
  const ranked = [...(found?.candidates ?? [])].sort((one, other) => other.probability - one.probability);
  const rows = ranked.slice(0, MAX_OPEN_ROWS).map((candidate) => row(candidate, { trace, onVeto, onPoint, canVeto }));
  const rest = ranked.slice(MAX_OPEN_ROWS);
  refill(node,
    el('p', { class: 'lead' }, ...explained(found, level)),
    ranked.length ? el('ol', { class: 'candidates' }, rows) : null,
    rest.length ? more(rest, { trace, onVeto, onPoint, canVeto }) : null,
    excluded(trace));
}

/** A bar with its share in words. */
export function shareBar(share, options = {}) {
  const bar = el('span', { class: 'bar', 'aria-hidden': 'true' }, el('span', {}));
  bar.firstChild.style.width = `${Math.min(100, share * 100)}%`;
  return [bar, el('span', { class: 'share', ...options, text: percent(share) })];
}

/** Evidence for and against a candidate, with the numbers of its clues. */
export function spoken(candidate, trace, onPoint) {
  const [speaksFor, speaksAgainst, together] = forAgainstTogether(candidate);
  if (!speaksFor.length && !speaksAgainst.length) {
    return el('p', { class: 'quiet', text: _('Nothing speaks for or against it beyond how many people live there.') });
  }
  const lines = [
    ...speaksFor.map((evidence) => line('for', evidence, trace, onPoint)),
    ...speaksAgainst.map((evidence) => line('against', evidence, trace, onPoint)),
    ...together.map((evidence) => line('together', evidence, trace, onPoint)),
  ];
  return el('ul', { class: 'spoken' }, lines);
}

function row(candidate, { trace, onVeto, onPoint, canVeto }) {
  const { place } = candidate;
  const accepted = trace.accepted.some((item) => item.place.id === place.id);
  const key = `candidate-${place.id}`;
  return el('li', { class: accepted ? 'accepted' : '' },
    el('div', { class: 'row' },
      el('span', { class: 'name' }, untrusted(placeName(place), 120), accepted && el('span', { class: 'tag', text: trace.set.has(place.id) ? _('set by a person') : _('accepted') })),
      ...shareBar(candidate.probability)),
    el('div', { class: 'row-more' },
      el('details', { id: key },
        el('summary', { id: `${key}-summary` }, _('For and against'), el('span', { class: 'unseen' }, ' ', untrusted(placeWordOf(place), 80))),
        spoken(candidate, trace, onPoint)),
      canVeto && button([_('Veto'), el('span', { class: 'unseen' }, ' ', untrusted(placeWordOf(place), 80))], () => onVeto(candidate), { class: 'small', id: `${key}-veto` })));
}

function more(rest, options) {
  return el('details', { id: 'candidates-more' },
    el('summary', { id: 'candidates-more-summary', text: _('{number} more', { number: localNumber(rest.length) }) }),
    el('ol', { class: 'candidates' }, rest.map((candidate) => row(candidate, options))));
}

function explained(found, level) {
  if (!found) return [NOT_YET[level]];
  if (found.overall) return [_('Likeliest first. The shares are of the whole world, after all evidence.')];
  const place = found.within ? placeWordOf(found.within) : _('the world');
  return sentence(found.judged ? AFTER : BEFORE, { place });
}

function line(side, evidence, trace, onPoint) {
  const numbers = [...new Set(evidence.clue_ids.map((id) => trace.number(id)).filter((number) => number > 0))].sort((one, other) => one - other);
  const weight = ` (${strength(evidence.log_lr)})`;
  const item = el('li', {},
    el('span', { class: `side ${side}`, text: SIDES[side] }), ' ', storedText(evidence.reason, 600),
    el('span', { class: 'quiet', text: weight }),
    numbers.length ? el('span', { class: 'numbers', text: ` ${numbers.length > 1 ? _('boxes') : _('box')} ${numbers.slice(0, 12).join(', ')}${numbers.length > 12 ? ' …' : ''}` }) : null);
  item.addEventListener('pointerenter', () => onPoint(evidence.clue_ids));
  item.addEventListener('pointerleave', () => onPoint([]));
  return item;
}

function excluded(trace) {
  if (!trace.excluded.length) return null;
  return el('div', { class: 'excluded' },
    el('h3', { text: _('Excluded') }),
    el('ul', {}, trace.excluded.map((item) => el('li', {},
      el('del', {}, untrusted(placeName(item.place), 120)), el('span', { class: 'unseen', text: ` ${_('is excluded')}` }),
      ': ', storedText(item.reason, 600)))));
}
