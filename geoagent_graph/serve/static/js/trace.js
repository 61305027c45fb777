// What a branch's trace says so far. Every view is drawn from this, as in the report.

import { gettext as _, stored } from './language.js';
import { shadowOf } from './photo_shadow.js';
import { LEVELS } from './words.js';

/** The state of one branch; `apply` takes its events in order. */
export class Trace {
  constructor() {
    this.opened = null; // the first event: photo, options, environment
    this.steps = [];
    this.clues = new Map();
    this.levels = {}; // level -> {candidates, judged, within}
    this.accepted = []; // hypotheses, from the widest down
    this.excluded = []; // {place, reason, step, by}
    this.question = null;
    this.answer = null;
    this.people = []; // {time, text}, notes among them
    this.acts = []; // what people did and have not taken back
    this.custody = []; // {time, text}: who had the case in hand
    this.failure = null;
    this.head = null;
    this.events = 0;
    this.set = new Set(); // ids of the places that a person has set
  }

  apply(event) {
    this.head = event.hash;
    this.events += 1;
    this[`on_${event.event}`]?.(event);
  }

  /** The number of a clue's box or shadow, as it stands on the photo; 0 for a clue without one. */
  number(clueId) {
    if (this.numbered !== this.clues.size) this.numberBoxes();
    return this.numbers.get(clueId) ?? 0;
  }

  numberBoxes() {
    const boxes = new Map();
    this.numbers = new Map();
    this.numbered = this.clues.size;
    for (const clue of this.clues.values()) {
      if (!clue.box && !shadowOf(clue)) continue;
      const key = JSON.stringify(clue.box ?? clue.id);
      if (!boxes.has(key)) boxes.set(key, boxes.size + 1);
      this.numbers.set(clue.id, boxes.get(key));
    }
  }

  on_case(event) {
    this.opened = event;
    if (event.person) this.custody.push({ time: event.time, text: _('{person} began the case', { person: event.person }) });
  }

  on_custody(event) { this.custody.push({ time: event.time, text: deedWords(event) }); }

  on_signature(event) { this.custody.push({ time: event.time, text: _('{person} signed everything above', { person: event.person }) }); }

  on_environment(event) { this.opened = { ...this.opened, environment: event.environment }; }

  on_note(event) { this.people.push({ time: event.time, text: event.person ? _('note by {person}: {text}', { person: event.person, text: event.text }) : _('note: {text}', { text: event.text }) }); }

  on_failure(event) { this.failure = event.text; }

  on_question(event) {
    this.question = event.question;
    this.accepted = event.question.accepted.map((item) => this.asSet(item)); // the verdict waits
  }

  on_answer(event) {
    this.answer = event.answer;
    this.question = null;
    this.excluded = event.answer.excluded.map((item) => ({ ...item }));
    for (const level of LEVELS) {
      const candidates = event.answer.levels[level];
      if (candidates) this.levels[level] = { candidates, judged: true, within: null, overall: true };
    }
  }

  on_human(event) {
    const { action, text, place, reply } = event.input;
    this.people.push({ time: event.time, text: _('a person {act}', { act: stored(text) }) });
    if (action === 'undo') this.acts.splice(-(reply?.acts ?? 1));
    else this.acts.push({ action, text, place });
    this.question = null;
    this.answer = null;
    this.insideParents();
    if (action === 'veto' || action === 'reject') this.exclude(place, text);
    if (action === 'set') this.place(place);
    if (action === 'undo') this.restore();
  }

  on_step(event) {
    const step = event.step;
    this.steps.push(step);
    this.failure = null;
    this.question = null;
    for (const clue of step.detail.clues ?? []) this.clues.set(clue.id, clue);
    for (const id of step.detail.forgotten ?? []) this.clues.delete(id);
    if (step.detail.forgotten?.length) this.numbered = -1;
    if (step.node === 'propose' || step.node === 'judge') this.weigh(step);
    if (step.node === 'judge') this.decide(step.detail.verdict, step);
    if (step.node === 'ask' && step.detail.reply?.kind === 'accept') this.agree(step);
  }

  weigh(step) {
    const depth = LEVELS.indexOf(step.level);
    if (step.node === 'propose' && this.accepted.length > depth) {
      this.accepted = this.accepted.slice(0, depth); // it is judged anew from here
      this.forget(depth);
    }
    this.levels[step.level] = {
      candidates: step.detail.hypotheses,
      judged: step.node === 'judge',
      within: this.accepted[LEVELS.indexOf(step.level) - 1]?.place ?? null,
    };
  }

  decide(verdict, step) {
    if (verdict.decision === 'accept') this.accept(step.detail.hypotheses, verdict.place_id);
    if (verdict.decision !== 'back' || !this.accepted.length) return;
    const given = this.accepted.at(-1);
    this.accepted = this.accepted.slice(0, -1);
    this.excluded.push({ place: given.place, reason: verdict.reason, step: step.index, by: 'policy' });
    this.forget(LEVELS.indexOf(given.level));
  }

  agree(step) {
    const judged = this.steps.findLast((earlier) => earlier.node === 'judge');
    if (!judged) return;
    if (step.detail.reply.place === null) this.decide(judged.detail.verdict, judged);
    else this.accept(judged.detail.hypotheses, step.detail.reply.place);
  }

  accept(candidates, placeId) {
    const chosen = candidates.find((candidate) => candidate.place.id === placeId);
    if (chosen) this.accepted = [...this.accepted.slice(0, LEVELS.indexOf(chosen.level)), chosen];
  }

  exclude(place, text) {
    const depth = LEVELS.indexOf(place.level);
    this.accepted = this.accepted.slice(0, depth);
    this.forget(depth);
    const reason = text.slice(text.indexOf(': ') + 2);
    this.excluded.push({ place, reason: `a person: ${reason}`, step: this.steps.length, by: 'person' });
  }

  place(place) {
    this.set.add(place.id);
    const depth = LEVELS.indexOf(place.level);
    const certain = { byPerson: true, level: place.level, place, prior: 0, probability: 1, reason: _('set by a person'), clues: [], evidence: [] };
    this.accepted = [...this.accepted.slice(0, depth), certain];
    this.forget(depth);
    this.levels[place.level] = { candidates: [certain], judged: true, within: null };
  }

  /** After an undo: what is still excluded or set is what the other acts say. */
  restore() {
    this.accepted = [];
    this.excluded = [];
    this.set = new Set();
    this.forget(0);
    for (const act of this.acts) {
      if (act.action === 'veto' || act.action === 'reject') this.exclude(act.place, act.text);
      if (act.action === 'set') this.place(act.place);
    }
  }

  forget(depth) {
    for (const level of LEVELS.slice(depth)) delete this.levels[level];
  }

  asSet(hypothesis) {
    return this.set.has(hypothesis.place.id) ? { ...hypothesis, byPerson: true } : hypothesis;
  }

  /** After an answer the levels hold shares of the world; go back to those inside each place. */
  insideParents() {
    for (const level of LEVELS) {
      const judged = this.steps.findLast((step) => step.node === 'judge' && step.level === level);
      if (!this.levels[level]?.overall || !judged) continue;
      const within = this.accepted[LEVELS.indexOf(level) - 1]?.place ?? null;
      this.levels[level] = { candidates: judged.detail.hypotheses, judged: true, within };
    }
  }
}

export function traceOf(events) {
  const trace = new Trace();
  for (const event of events) trace.apply(event);
  return trace;
}

function deedWords({ person, action, detail }) {
  if (action === 'viewed') return _('{person} viewed the case', { person });
  if (action === 'renamed') return _('{person} renamed the case to {detail}', { person, detail });
  if (action === 'changed') return _('{person} changed the case ({detail})', { person, detail });
  return action === 'handed_on'
    ? _('{person} took its trace to hand on ({detail})', { person, detail })
    : _('{person} took a file of it ({detail})', { person, detail });
}
