// The top of a case: what is claimed, what must be known first, and the run's own buttons.

import { ApiError } from './api.js';
import { button, el, untrusted, refill, visible } from './dom.js';
import { gettext as _, stored, storedText } from './language.js';
import { stepTitle } from './steps.js';
import { claimSentence, distance, headline, percent, placeWordOf } from './words.js';

const STATUS = {
  queued: _('waits for its turn'), running: _('running'), waiting: _('waits for you'), unfinished: _('stopped'),
  answered: _('answered'), failed: _('failed'),
};
const COLOURS = {
  continent: _('The stronger the colour, the likelier the continent.'),
  country: _('The stronger the colour, the likelier the country.'),
};
const NOTHING_YET = _('nothing yet');
const NO_REASON = _('no reason was given');
const get = (id) => document.getElementById(id);

/** `view` is `{trace, status, busy, problem, photoName}`; `run` has `stop()` and `resume(oneStep)`. */
export function showHead(view, run) {
  const title = titleOf(view);
  refill(get('photo-name'), untrusted(view.photoName, 80));
  get('status').textContent = STATUS[view.status];
  get('status').dataset.status = view.status;
  refill(get('headline'), untrusted(title, 200));
  document.title = `${visible(view.tripHeadline ? stored(view.tripHeadline) : title, 100)} – GeoAgent`;
  refill(get('claim'), untrusted(sentenceOf(view), 800));
  refill(get('warnings'), warnings(view.trace.answer));
  refill(get('run-buttons'), runButtons(view, run));
}

/** What stands under the map, and what the map is called where it cannot be seen. */
export function showMapWords(trace, level) {
  const circle = trace.answer && trace.answer.level !== 'none'
    ? _('The circle, {distance} around the best point, should hold the true place nine times out of ten.', { distance: distance(trace.answer.radius_km) }) : '';
  const hatched = trace.excluded.some((item) => item.place.level !== 'city') ? ` ${_('Hatched: excluded.')}` : '';
  const shares = level === 'city' ? _('Dots are candidates; larger ones are likelier.') : `${COLOURS[level]}${hatched}`;
  get('map-caption').textContent = `${circle} ${shares} ${_('Drag to turn, scroll or click twice to zoom, click for a point. The list below says the same in words.')}`.trim();
  const ranked = [...(trace.levels[level]?.candidates ?? [])].sort((one, other) => other.probability - one.probability);
  const named = ranked.slice(0, 3).map((item) => `${visible(placeWordOf(item.place), 60)} ${percent(item.probability)}`).join(', ');
  get('map').setAttribute('aria-label', _('Map of the candidates: {places}. Arrow keys turn it, plus and minus zoom, 0 shows the world.', { places: named || NOTHING_YET }));
}

function titleOf({ trace, status, busy }) {
  if (trace.answer) return headline(trace.answer);
  const deepest = trace.accepted.at(-1);
  if (deepest?.byPerson) return _('If it is {place}', { place: placeWordOf(deepest.place) });
  if (deepest) return _('Consistent with {place} so far', { place: placeWordOf(deepest.place) });
  if (status === 'waiting') return _('A question for you');
  return busy ? _('Looking …') : _('No answer yet');
}

function sentenceOf({ trace, status, problem }) {
  if (trace.answer) return claimSentence(trace.answer);
  if (status === 'failed') return _('The run has failed: {reason}', { reason: problem ?? trace.failure ?? NO_REASON });
  if (status === 'waiting') return _('The run waits for your reply to the question beneath the photo.');
  if (status === 'unfinished') return _('The run has stopped. What it found is kept; it can go on from here.');
  if (status === 'queued') return _('Other runs come first; this one begins by itself.');
  const last = trace.steps.at(-1);
  return last ? _('{step} is done: {summary}', { step: stepTitle(last), summary: stored(last.summary) }) : _('The photo is being read.');
}

function warnings(answer) {
  const said = [...new Set(answer?.warnings ?? [])];
  if (!said.length) return null;
  return el('div', { class: 'warnings', role: 'note' }, el('strong', { text: _('Read this first') }),
    el('ul', {}, said.map((words) => el('li', {}, storedText(words, 600)))));
}

function runButtons({ status, busy }, run) {
  if (busy) return [button(_('Stop'), doing(() => run.stop()), { id: 'run-stop' })];
  if (status !== 'unfinished' && status !== 'failed') return [];
  return [
    button(_('Go on'), doing(() => run.resume()), { class: 'primary', id: 'run-resume' }),
    button(_('One step'), doing(() => run.resume(true)), { id: 'run-step' }),
  ];
}

/** Do it, and say above the case what was refused. */
function doing(call) {
  return async () => {
    const error = get('case-error');
    error.textContent = '';
    try {
      await call();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      error.replaceChildren(untrusted(refused.message, 600));
    }
  };
}
