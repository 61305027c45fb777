// One branch of a case on the page: follows its events and lets a person steer.

import { ApiError, CaseApi } from './api.js';
import { writeAddress } from './address.js';
import { showBranches, showCompare } from './branches.js';
import { showCandidates } from './candidates.js';
import { showHead, showMapWords } from './case_head.js';
import { button, refill, untrusted } from './dom.js';
import { showDownloads } from './downloads.js';
import { showFiling } from './filing.js';
import { gettext as _ } from './language.js';
import { showLevels } from './levels.js';
import { showNextSteps } from './next_steps.js';
import { cameraFor, cameraOf } from './map/camera.js';
import { noteForm, showCustody, showPeople } from './people.js';
import { showFacts } from './photo_facts.js';
import { showReferences } from './photo_references.js';
import { PointPanel } from './point_panel.js';
import { ClueForm, QuestionForm } from './question.js';
import { showSources } from './sources.js';
import { showStep } from './step_panel.js';
import { cluesOf, showSteps } from './steps.js';
import { Story } from './story.js';
import { EventStream } from './stream.js';
import { Trace } from './trace.js';
import { isGoing, showTrip } from './trip.js';
import { askVeto } from './veto.js';
import { LEVELS, claimSentence, headline, percent, placeName, placeWordOf } from './words.js';

const TRIP_POLL_MS = 1500;
export const NOT_HERE = _('This case is not here; it may have been deleted or renamed.');

export class CaseView {
  /** `{map, photo, announce, onBranch(branch), onName(id, branch), onGone(message)}` are shared by all cases. */
  constructor(shared) {
    Object.assign(this, shared);
    this.get = (id) => document.getElementById(id);
    this.story = new Story(this.map, (level) => this.chooseLevel(level, false));
    const desk = { photo: this.photo, map: this.map, onMeasure: (asked) => this.api.sun(asked) };
    this.form = new QuestionForm(this.get('question'), { ...desk, onReply: (reply) => this.api.reply(reply) });
    this.clues = new ClueForm(this.get('add'), { ...desk, onAdd: (statement) => this.addClue(statement) });
    this.points = new PointPanel(this.get('point'), (point) => this.map.mark(point));
    this.points.clear();
    this.map.onClick = (clicked) => this.showPoint(clicked);
    this.get('zoom-in').addEventListener('click', () => this.map.zoom(1 / 1.6));
    this.get('zoom-out').addEventListener('click', () => this.map.zoom(1.6));
    this.get('zoom-world').addEventListener('click', () => this.map.fly({ centre: this.map.camera.centre, degrees: 90 }));
    this.get('best-point').addEventListener('click', () => this.showBest());
    this.get('zoom-here').addEventListener('click', () => this.map.fly(this.look(this.level).camera));
    this.get('step').addEventListener('keydown', (event) => { if (event.key === 'Escape' && this.step !== null) this.closeStep(); });
    noteForm(this.get('note-form'), (text) => this.api.note(text));
  }

  /** Show a branch; a step number opens that step. */
  async open(id, branch, step) {
    this.close();
    this.api = new CaseApi(id, branch);
    this.trace = new Trace();
    Object.assign(this, { step, level: 'continent', status: 'running', busy: true, branches: [branch], live: false, stepShown: null, drawn: {} });
    this.get('case-error').textContent = '';
    const mine = this.api;
    let known;
    try {
      known = await this.api.read();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === this.api) this.onGone(error);
      return;
    }
    if (mine !== this.api) return; // another case was opened meanwhile
    this.known = known;
    this.get('case').hidden = false;
    this.showTrip(known.branches.length);
    this.photo.load(this.api.photo(), known.photo, this.api.wholePhoto());
    this.take(known);
    if (known.head === null) this.live = true;
    this.stream = new EventStream(this.api, {
      onEvent: (event) => this.event(event), onState: (state) => this.state(state),
      onConnection: (state) => this.connection(state),
    });
    this.draw();
  }

  close() {
    this.stream?.close();
    window.clearTimeout(this.tripTimer);
    this.stream = null;
    this.api = null;
    this.form.show(null);
    this.clues.box.open = false;
    this.points.clear();
    this.map.show({ mark: null });
    this.get('case').hidden = true;
  }

  event(event) {
    this.trace.apply(event);
    if (this.live) this.tell(event);
    else if (event.hash === this.known.head) this.caughtUp();
    this.drawSoon();
  }

  /** What several photos say together; a case of one branch is a case of one photo. */
  async showTrip(branches) {
    const mine = this.api;
    window.clearTimeout(this.tripTimer);
    if (branches < 2) {
      this.headTrip(null);
      return;
    }
    try {
      const trip = await mine.trip();
      if (mine !== this.api) return;
      this.headTrip(trip);
      if (isGoing(trip)) this.tripTimer = window.setTimeout(() => this.showTrip(branches), TRIP_POLL_MS);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === this.api) this.get('case-error').replaceChildren(untrusted(error.message, 600));
    }
  }

  /** Head the case with what its photos say together; the photo below is then a part of it. */
  headTrip(trip) {
    showTrip(this.get('trip'), trip, { id: this.api.id, branch: this.api.branch, report: this.api.tripReport() });
    this.tripHeadline = trip?.headline ?? null;
    const level = trip?.photos.length ? { role: 'heading', 'aria-level': '2' } : { role: null, 'aria-level': null };
    for (const [name, value] of Object.entries(level)) {
      if (value === null) this.get('headline').removeAttribute(name);
      else this.get('headline').setAttribute(name, value);
    }
    this.get('headline').classList.toggle('part', Boolean(trip?.photos.length));
    this.drawSoon();
  }

  /** Everything that was stored before is told: what comes now is news. */
  caughtUp() {
    this.live = true;
    const deepest = LEVELS.findLast((level) => this.trace.levels[level]) ?? 'continent';
    this.story.cut(this.look(this.claimedLevel() ?? deepest), 0);
  }

  state(state) {
    const ended = this.busy;
    this.take(state);
    if (ended && !this.busy && state.branches.length > 1) this.showTrip(state.branches.length); // weighed anew
    if (!this.live && !this.busy) this.caughtUp();
    this.drawSoon();
  }

  take(state) {
    this.status = state.status;
    this.busy = state.status === 'running' || state.status === 'queued';
    this.branches = state.branches.map((each) => each.branch);
    this.problem = state.problem;
    this.nextSteps = state.next_steps;
    this.photoName = state.photo.name;
    this.filed = { id: state.id, tags: state.tags, archived: state.archived };
  }

  drawFiling() {
    showFiling(this.get('filing'), this.api, this.filed, (state) => {
      if (state.id !== this.api.id) this.onName(state.id, this.api.branch);
      else this.state(state);
    });
  }

  tell(event) {
    const step = event.event === 'step' ? event.step : null;
    if (step && (step.node === 'propose' || step.node === 'judge')) {
      this.story.add({ ...this.look(step.level), minor: step.node === 'propose' });
    }
    if (step?.node === 'judge' && step.detail.verdict.decision === 'accept') {
      this.announce(_('Accepted: {place}', { place: placeWordOf(this.trace.accepted.at(-1)?.place) }));
    }
    if (event.event === 'question') {
      this.announce(_('A question is open.'));
      this.questionAsked = true;
    }
    if (event.event === 'answer') {
      this.story.add(this.look(this.claimedLevel() ?? this.level));
      this.announce(`${headline(event.answer)}. ${claimSentence(event.answer)}`);
    }
    if (event.event === 'human' && event.input.place) this.story.add(this.look(event.input.place.level));
  }

  claimedLevel() {
    const level = this.trace.answer?.level;
    return level && level !== 'none' ? level : null;
  }

  /** What the map shows for a level. */
  look(level) {
    const { trace } = this;
    const found = trace.levels[level];
    const within = trace.accepted[LEVELS.indexOf(level) - 1]?.place ?? found?.within ?? null;
    const candidates = found?.candidates ?? [];
    const claimed = trace.answer && this.claimedLevel() === level;
    const scene = {
      level, within, candidates, answer: trace.answer, excluded: trace.excluded.map((item) => item.place),
    };
    const camera = claimed ? cameraOf(trace.answer) : cameraFor(this.map.atlas, level, within, candidates);
    return { level, scene, camera };
  }

  chooseLevel(level, byHand) {
    this.level = level;
    if (byHand) this.story.cut(this.look(level));
    this.drawSoon();
  }

  drawSoon() {
    if (this.drawing) return;
    this.drawing = window.setTimeout(() => {
      this.drawing = 0;
      if (this.api) this.draw();
    }, 30);
  }

  draw() {
    const { trace, status } = this;
    showHead(this, this.api);
    showBranches(this.get('branches'), { id: this.api.id, branch: this.api.branch, branches: this.branches });
    showLevels(this.get('levels'), { trace, level: this.level, busy: this.busy || status === 'waiting', onChoose: (level) => this.chooseLevel(level, true) });
    this.form.show(status === 'waiting' ? trace.question : null);
    if (this.questionAsked && status === 'waiting') {
      this.questionAsked = false;
      if (this.isIdle()) this.get('question-title')?.focus();
    }
    showCandidates(this.get('candidates'), {
      trace, level: this.level, canVeto: !this.busy,
      onVeto: (candidate) => this.veto(candidate),
      onPoint: (ids) => this.photo.point(ids),
    });
    showFacts(this.get('photo-facts'), trace, (claimed) => this.showPoint(claimed, _('Where the file says it was taken')));
    showReferences(this.get('photo-references'), trace);
    showSources(this.get('sources'), trace.answer);
    showSteps(this.get('steps'), { trace, chosen: this.step, onChoose: (step) => this.chooseStep(step, true) });
    showPeople(this.get('people'), trace, this.busy ? null : () => this.api.undo());
    showCustody(this.get('custody'), trace);
    this.get('best-point').hidden = !this.claimedLevel();
    showNextSteps(this.get('next'), this.nextSteps);
    showMapWords(trace, this.level);
    this.drawStep();
    this.drawOnce('filing', `${this.filed.id} ${this.filed.archived} ${JSON.stringify(this.filed.tags)}`, () => this.drawFiling());
    this.drawOnce('downloads', `${this.api.path()} ${Boolean(trace.answer)}`, () => showDownloads(this.get('downloads'), this.api, Boolean(trace.answer)));
    this.drawOnce('compare', `${this.api.path()} ${this.branches}`, () => showCompare(this.get('compare'), {
      id: this.api.id, branch: this.api.branch, branches: this.branches, trace: () => this.trace,
    }));
  }

  /** Draw what holds a person's input only when what it depends on has changed. */
  drawOnce(name, key, draw) {
    if (this.drawn[name] === key) return;
    this.drawn[name] = key;
    draw();
  }

  /** Whether the focus can be moved without taking it from what a person is doing. */
  isIdle() {
    const { activeElement } = document;
    return activeElement === document.body || activeElement.id === 'headline' || this.get('question').contains(activeElement);
  }

  chooseStep(index, byHand) {
    this.step = this.step === index && byHand ? null : index;
    writeAddress({ id: this.api.id, branch: this.api.branch, step: this.step }, { replace: true });
    this.draw();
    if (this.step !== null && byHand) this.get('step-title')?.focus();
  }

  closeStep() {
    const left = this.step;
    this.chooseStep(null, false);
    this.get(`step-${left}`)?.focus();
  }

  drawStep() {
    const step = this.trace.steps[this.step] ?? null;
    const numbered = this.numbered(step);
    const key = step ? `${this.api.path()} ${this.trace.steps.length > this.step} ${this.step}` : 'none';
    if (key !== this.stepShown) {
      this.stepShown = key;
      showStep(this.get('step'), {
        trace: this.trace, step, numbered, photo: { url: this.api.photo(), ...this.known.photo },
        onPoint: (ids) => this.photo.point(ids), onClose: () => this.closeStep(),
        onFork: (at, set, name) => this.fork(at, set, name), onVeto: (candidate) => this.veto(candidate),
        onNote: (text) => this.api.note(`step ${step.index}: ${text}`),
      });
    }
    const marks = `${this.api.path()} ${numbered.length} ${this.step}`;
    this.drawOnce('boxes', marks, () => this.photo.show(numbered, step ? _('What step {number} speaks of', { number: step.index }) : _('Where clues were found')));
  }

  /** The clues that a step speaks of, or all of them, with the numbers of their boxes. */
  numbered(step) {
    const shown = step ? new Set(cluesOf(step)) : null;
    const clues = [...this.trace.clues.values()].filter((clue) => !shown || shown.has(clue.id));
    return clues.map((clue) => ({ clue, number: this.trace.number(clue.id) }));
  }

  veto(candidate) {
    askVeto(this.get('veto'), candidate, (place, because) => this.api.veto(place, because));
  }

  /** What lies where the map was clicked; a candidate is shown with its name. */
  showPoint({ lat_deg, lon_deg, candidate = null }, title = '') {
    const place = candidate?.place.level === 'city' ? candidate.place : { lat_deg, lon_deg };
    const answer = this.trace.answer;
    const best = answer && answer.level !== 'none' ? answer : null;
    this.points.show(`${place.lat_deg.toFixed(6)}, ${place.lon_deg.toFixed(6)}`, { name: candidate ? `${placeName(candidate.place)}, ${percent(candidate.probability)}` : title, best });
  }

  /** The best point, once there is an answer. */
  showBest() {
    const { answer } = this.trace;
    if (answer && answer.level !== 'none') this.showPoint(answer);
  }

  async addClue(statement) {
    await this.api.addClue(statement);
    this.clues.clear();
  }

  async fork(at, set, name) {
    const made = await this.api.fork(at, set, name);
    this.onBranch(made.branch);
  }

  connection(state) {
    const line = this.get('connection');
    line.hidden = state === 'open';
    if (state === 'open') {
      line.replaceChildren();
      return;
    }
    const words = state === 'lost' ? _('The connection to the server is lost; trying again.') : _('The server does not answer; trying again soon.');
    refill(line, words, ' ', button(_('Try now'), () => this.stream?.connect(), { class: 'small' }));
    if (state === 'refused') this.tellRefusal(line);
  }

  /** A stream cannot say why it was refused; the case itself can. */
  async tellRefusal(line) {
    const mine = this.api;
    try {
      await mine.read();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine !== this.api || !error.status) return;
      if (error.status === 404) this.stream?.close();
      line.replaceChildren(untrusted(error.status === 404 ? NOT_HERE : error.message, 600));
    }
  }
}
