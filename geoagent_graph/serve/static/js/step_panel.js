// Everything about one step: evidence, shares before and after, tool calls; and a fork from here.

import { button, el, untrusted, refill } from './dom.js';
import { gettext as _, sentence, stored, storedText } from './language.js';
import { noteForm } from './people.js';
import { shareBar, spoken } from './candidates.js';
import { forkForm } from './fork_form.js';
import { PhotoPane } from './photo.js';
import { stepTitle } from './steps.js';
import { clueLabel, clueText, percent, placeName, placeWordOf, seconds } from './words.js';

const VERDICTS = {
  accept: _('Verdict: accept.'), retry: _('Verdict: retry.'), back: _('Verdict: back.'), stop: _('Verdict: stop.'),
};

/**
 * `{trace, step, photo, numbered, onPoint, onClose, onFork, onVeto, onNote}` into a node; null as
 * step empties it.
 * `photo` is `{url, name, width, height}`, `numbered` the clues that the step speaks of.
 */
export function showStep(node, options) {
  const { trace, step, onClose } = options;
  if (!step) {
    refill(node, el('p', { class: 'quiet', text: _('Choose a step to see what it found, and to leave it on another path.') }));
    return;
  }
  const title = el('h3', { id: 'step-title', tabindex: '-1' }, _('Step {number}. {title}', { number: step.index, title: stepTitle(step) }));
  refill(node,
    el('div', { class: 'panel-head' }, title, button(_('Close'), onClose, { class: 'small', id: 'step-close' })),
    step.node === 'judge' ? verdict(step) : el('p', {}, storedText(step.summary, 2000)),
    ...details(step, trace, withPhoto(options)),
    tools(step),
    forkForm({ ...options, step }), noteBox(options));
}

function details(step, trace, { onPoint, onVeto, figure }) {
  if (step.node === 'judge') return [figure, judged(step, trace, { onPoint, onVeto })];
  if (step.node === 'propose') return [proposed(step)];
  if (step.node === 'observe' || step.node === 'ask') return [figure, clues(step, trace, onPoint)];
  if (step.node === 'ground') return [names(step)];
  return [];
}

/** A small photo beside the evidence, with the boxes that the step speaks of. */
function withPhoto({ photo, numbered, onPoint, onVeto }) {
  if (!numbered.some(({ number }) => number > 0)) return { onPoint, onVeto, figure: null };
  const [frame, caption] = [el('div', { class: 'frame' }), el('figcaption')];
  const pane = new PhotoPane(frame, caption);
  pane.load(photo.url, photo);
  pane.show(numbered, _('What this step speaks of'));
  const point = (ids) => { pane.point(ids); onPoint(ids); };
  return { onPoint: point, onVeto, figure: el('figure', { class: 'step-photo' }, frame, caption) };
}

function verdict(step) {
  const said = step.detail.verdict;
  return el('p', { class: 'verdict' }, el('strong', { text: `${VERDICTS[said.decision] ?? said.decision} ` }), storedText(said.reason, 2000));
}

function judged(step, trace, { onPoint, onVeto }) {
  const items = step.detail.hypotheses.slice(0, 12).map((candidate, index) => el('li', {},
    el('div', { class: 'row' }, el('span', { class: 'name' }, untrusted(placeName(candidate.place), 120)), ...shareBar(candidate.probability)),
    el('p', { class: 'quiet', text: _('{before} before the evidence, {after} after it', { before: percent(candidate.prior), after: percent(candidate.probability) }) }),
    el('div', { class: 'row-more' },
      el('details', { id: `judged-${candidate.place.id}`, open: index === 0 },
        el('summary', { id: `judged-${candidate.place.id}-summary` }, _('For and against'), named(candidate)),
        spoken(candidate, trace, onPoint)),
      button([_('Veto'), named(candidate)], () => onVeto(candidate), { class: 'small' }))));
  return el('ol', { class: 'candidates' }, items);
}

/** A place's name for those who cannot see beside what a button stands. */
function named(candidate) {
  return el('span', { class: 'unseen' }, ' ', untrusted(placeWordOf(candidate.place), 80));
}

function noteBox({ onNote }) {
  const form = el('form', { class: 'stacked' });
  noteForm(form, onNote);
  return el('details', { id: 'note-box', class: 'fork-box' }, el('summary', { id: 'note-summary', text: _('Add a note about this step') }), form);
}

function proposed(step) {
  const items = step.detail.hypotheses.map((candidate) => el('li', {},
    el('div', { class: 'row' }, el('span', { class: 'name' }, untrusted(placeName(candidate.place), 120)), ...shareBar(candidate.prior)),
    el('p', { class: 'quiet' }, storedText(candidate.reason, 400))));
  return el('ol', { class: 'candidates' }, items);
}

function clues(step, trace, onPoint) {
  const found = step.detail.clues ?? [];
  if (!found.length) return el('p', { class: 'quiet', text: _('No clue was found in this step.') });
  const items = found.map((clue) => {
    const from = clue.confidence === null
      ? sentence('from {source}', { source: untrusted(clue.source, 60) })
      : sentence('from {source}, read with confidence {share}', { source: untrusted(clue.source, 60), share: percent(clue.confidence) });
    const item = el('li', {},
      el('span', { class: trace.number(clue.id) ? 'chip' : 'chip none', text: String(trace.number(clue.id) || '–') }),
      el('span', {}, el('span', { class: 'quiet', text: `${clueLabel(clue.kind)}: ` }), clueText(clue, 400),
        el('span', { class: 'quiet' }, ' ', from)));
    item.addEventListener('pointerenter', () => onPoint([clue.id]));
    item.addEventListener('pointerleave', () => onPoint([]));
    return item;
  });
  return el('ol', { class: 'clues' }, items);
}

function names(step) {
  const found = Object.entries(step.detail.names ?? {});
  if (!found.length) return el('p', { class: 'quiet', text: _('No name on a sign to look up.') });
  return el('dl', { class: 'names' }, found.map(([name, places]) => [
    el('dt', {}, sentence('“{name}” may be', { name: untrusted(name, 80) })),
    el('dd', {}, places.length ? places.map((place, index) => [index ? '; ' : '', untrusted(placeName(place), 120)]) : _('no place that the gazetteer knows')),
  ]));
}

function tools(step) {
  if (!step.tools.length) return el('p', { class: 'quiet', text: _('This step called no tool.') });
  const rows = step.tools.map((call) => el('tr', {},
    el('th', { scope: 'row' }, untrusted(call.tool, 60)),
    el('td', {}, untrusted(argumentsOf(call), 300)),
    el('td', { class: call.error ? 'failed' : '' }, untrusted(call.error ? _('failed: {error}', { error: call.error }) : stored(call.result), 300)),
    el('td', { class: 'number', text: seconds(call.seconds) })));
  return el('details', { id: 'tools', class: 'tools', open: step.tools.length < 5 },
    el('summary', { id: 'tools-summary', text: _('Tool calls ({number})', { number: step.tools.length }) }),
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': _('Tool calls') }, el('table', {},
      el('thead', {}, el('tr', {}, ...[_('Tool'), _('Asked'), _('Came back'), _('Time')].map((words) => el('th', { scope: 'col', text: words })))),
      el('tbody', {}, rows))));
}

function argumentsOf(call) {
  const entries = Object.entries(call.arguments);
  if (!entries.length) return _('(the photo)');
  return entries.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ');
}
