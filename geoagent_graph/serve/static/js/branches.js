// The branches of a case: switching between them, and two of them side by side.

import { ApiError, CaseApi } from './api.js';
import { addressOf } from './address.js';
import { button, el, errorLine, field, untrusted, refill } from './dom.js';
import { counted, gettext as _ } from './language.js';
import { traceOf } from './trace.js';
import { LEVELS, headline, percent, placeName } from './words.js';

export function showBranches(node, { id, branch, branches }) {
  node.hidden = branches.length < 2;
  refill(node, el('span', { class: 'quiet', text: _('Branches') }), branches.map((name) => el('a', {
    href: addressOf({ id, branch: name }), 'aria-current': name === branch ? 'page' : null,
  }, untrusted(name, 60))));
}

/** A choice of another branch, and the table of both. */
export function showCompare(node, { id, branch, branches, trace }) {
  const others = branches.filter((name) => name !== branch);
  if (!others.length) {
    refill(node, el('p', { class: 'quiet', text: _('There is one branch. Fork at a step, or veto a candidate, to have something to compare.') }));
    return;
  }
  const select = el('select', {}, others.map((name) => el('option', { value: name, text: name })));
  const error = errorLine();
  const table = el('div', { class: 'scroll' });
  const compare = async () => {
    error.textContent = '';
    try {
      const other = traceOf(await new CaseApi(id, select.value).trace());
      table.replaceChildren(compared([branch, trace()], [select.value, other]));
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      error.replaceChildren(untrusted(refused.message, 600));
    }
  };
  refill(node, field(_('Other branch'), select), button(_('Compare'), compare, { id: 'compare-go' }), error, table);
}

function compared([firstName, first], [secondName, second]) {
  const shared = sharedSteps(first, second);
  const rows = LEVELS.flatMap((level) => rowsOf(level, first, second));
  return el('table', {},
    el('caption', { text: counted('They share {count} step.', 'They share {count} steps.', shared) }),
    el('thead', {}, el('tr', {}, el('td', {}), ...[firstName, secondName].map((name) => el('th', { scope: 'col' }, untrusted(name, 60))))),
    el('tbody', {},
      el('tr', {}, el('th', { scope: 'row', text: _('Answer') }), el('td', {}, ended(first)), el('td', {}, ended(second))),
      rows));
}

function rowsOf(level, first, second) {
  const sides = [first, second].map((trace) => new Map((trace.levels[level]?.candidates ?? []).map((item) => [item.place.id, item])));
  const places = new Map([...sides[0], ...sides[1]].map(([id, item]) => [id, item.place]));
  const traces = [first, second];
  const shares = (id) => sides.map((side) => side.get(id)?.probability ?? null);
  return [...places.values()]
    .sort((one, other) => Math.max(...shares(other.id)) - Math.max(...shares(one.id)))
    .slice(0, 5)
    .map((place) => el('tr', {}, el('th', { scope: 'row' }, untrusted(placeName(place), 120)),
      ...shares(place.id).map((share, side) => el('td', { class: 'number', text: traces[side].set.has(place.id) ? _('set') : share === null ? _('not judged') : percent(share) }))));
}

function sharedSteps(first, second) {
  const same = first.steps.findIndex((step, index) => JSON.stringify(step) !== JSON.stringify(second.steps[index]));
  return same < 0 ? first.steps.length : same;
}

function ended(trace) {
  return trace.answer ? untrusted(headline(trace.answer), 120) : _('no answer yet');
}
