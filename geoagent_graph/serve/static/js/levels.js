// The three levels at a glance: what is accepted, what is being weighed, what stays open.

import { el, untrusted, refill } from './dom.js';
import { gettext as _ } from './language.js';
import { LEVELS, percent, placeWordOf } from './words.js';

const NAMES = { continent: _('Continent'), country: _('Country'), city: _('City') };

export function showLevels(node, { trace, level, busy, onChoose }) {
  refill(node, LEVELS.map((name) => {
    const { words, state, share } = told(trace, name, busy);
    const bar = el('span', { class: 'bar', 'aria-hidden': 'true' }, share === null ? null : el('span', {}));
    if (share !== null) bar.firstChild.style.width = `${share * 100}%`;
    const cell = el('button', {
      type: 'button', id: `level-${name}`, class: `level ${state}`, disabled: !trace.levels[name],
      'aria-pressed': String(name === level), on: { click: () => onChoose(name) },
    },
    el('span', { class: 'level-name', text: NAMES[name] }),
    el('span', { class: 'level-place' }, words),
    bar,
    el('span', { class: 'level-state', text: share === null ? STATES[state] : `${STATES[state]}, ${percent(share)}` }));
    return el('li', {}, cell);
  }));
}

const STATES = {
  later: _('not looked at'), weighing: _('likeliest so far'), accepted: _('accepted'), set: _('set by a person'), open: _('likeliest, not claimed'),
};

function told(trace, level, busy) {
  const claimed = trace.answer && LEVELS.indexOf(trace.answer.level) >= LEVELS.indexOf(level);
  const accepted = trace.accepted.find((item) => item.level === level);
  const found = trace.levels[level];
  const best = found && [...found.candidates].sort((one, other) => other.probability - one.probability)[0];
  const settled = trace.answer ? claimed && accepted : accepted;
  if (settled) {
    const listed = found?.candidates.find((item) => item.place.id === accepted.place.id);
    if (accepted.byPerson) return { words: untrusted(placeWordOf(accepted.place), 60), state: 'set', share: null };
    return { words: untrusted(placeWordOf(accepted.place), 60), state: 'accepted', share: (listed ?? accepted).probability };
  }
  if (!best) return { words: busy ? '…' : '–', state: 'later', share: null };
  const state = busy ? 'weighing' : 'open';
  return { words: untrusted(placeWordOf(best.place), 60), state, share: best.probability };
}
