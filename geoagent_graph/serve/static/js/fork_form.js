// Leaving a run after a step: a new branch, with places set by a person where they wish.

import { el, errorLine, field, untrusted } from './dom.js';
import { gettext as _ } from './language.js';
import { ApiError, search } from './api.js';
import { LEVELS, placeName } from './words.js';

const WAIT_MS = 250;
const SET = { continent: _('Set the continent (optional)'), country: _('Set the country (optional)'), city: _('Set the city (optional)') };

/** A form that calls `onFork(step, set, name)`; what the server refuses is said in it. */
export function forkForm({ trace, step, onFork }) {
  const error = errorLine();
  const places = Object.fromEntries(LEVELS.map((level) => [level, placeInput(level, trace)]));
  const name = el('input', { type: 'text', maxlength: '60', placeholder: _('chosen for you'), autocomplete: 'off' });
  const send = el('button', { type: 'submit', class: 'primary', text: _('Fork here') });
  const form = el('form', { class: 'fork stacked' },
    el('p', { class: 'quiet' }, _('A fork asks “what if it were there?”: a second branch shares the steps up to this one and goes its own way from here, with what you set taken as certain. This branch stays as it is, and both can be compared.')),
    el('div', { class: 'fields' },
      ...LEVELS.map((level) => field(SET[level], places[level].input)),
      field(_('Name of the branch (optional)'), name)),
    ...LEVELS.map((level) => places[level].list),
    error, send);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    error.textContent = '';
    send.disabled = true;
    const filled = LEVELS.map((level) => [level, places[level].input.value.trim()]).filter(([, words]) => words);
    try {
      await onFork(step.index, Object.fromEntries(filled), name.value.trim());
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      error.replaceChildren(untrusted(refused.message, 600));
    } finally {
      send.disabled = false;
    }
  });
  return el('details', { id: 'fork', class: 'fork-box' }, el('summary', { id: 'fork-summary', text: _('Fork at this step') }), form);
}

/** A field for a place: the branch's own candidates first, then what the gazetteer knows. */
function placeInput(level, trace) {
  const seen = new Map();
  for (const step of trace.steps) {
    for (const item of step.detail.hypotheses ?? []) if (item.level === level) seen.set(item.place.id, item.place);
  }
  const list = el('datalist', { id: `places-${level}` }, [...seen.values()].map(option));
  const input = el('input', { type: 'text', list: list.id, maxlength: '200', autocomplete: 'off', id: `set-${level}` });
  let timer = 0;
  input.addEventListener('input', () => {
    window.clearTimeout(timer);
    const words = input.value.trim();
    if (level !== 'continent' && words.length > 2) timer = window.setTimeout(() => suggest(words, level, list, seen), WAIT_MS);
  });
  return { input, list };
}

async function suggest(words, level, list, seen) {
  try {
    const found = (await search(words)).places.map((each) => each.place).filter((place) => place.level === level && !seen.has(place.id));
    list.replaceChildren(...[...seen.values(), ...found].map(option));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // suggestions are a help, never a must
  }
}

function option(place) {
  return el('option', { value: place.name, label: placeName(place) });
}
