// The open question and the ways to reply to it; what a person adds without being asked.

import { ApiError } from './api.js';
import { el, errorLine, field, untrusted, visible } from './dom.js';
import { gettext as _, stored, storedText } from './language.js';
import { shadowFields, sunFields } from './sun.js';
import { percent, placeName } from './words.js';

const ADDED = {
  clue: _('Add text that I can read in the photo'),
  place: _('Name a place that I recognise'),
  photo_region: _('Mark a part of the photo to be read closer'),
  map_region: _('Draw a circle on the map that the photo must lie in'),
  map_countries: _('Name the countries that it must lie in'),
  map_outline: _('Give an outline (GeoJSON) that it must lie in'),
  time: _('Say when it was taken'),
  sun_shadow: _('Mark a shadow: how high the sun stood'),
  sun_position: _('Say where the sun stood'),
};
const EDGES = [['left', _('Left (%)')], ['top', _('Top (%)')], ['right', _('Right (%)')], ['bottom', _('Bottom (%)')]];
const WAYS = { accept: _('Go on with a candidate'), reject: _('Exclude a place and look again'), ...ADDED };
const ABOUT = { continent: _('A question about the continent'), country: _('A question about the country'), city: _('A question about the city') };

/** The form of one question; it is built anew only when the question changes. */
export class QuestionForm {
  constructor(node, { photo, map, onReply, onMeasure }) {
    this.node = node;
    this.measure = onMeasure;
    this.photo = photo;
    this.map = map;
    this.onReply = onReply;
    this.shown = '';
    this.ways = WAYS;
    this.first = 'accept';
  }

  show(question) {
    const key = JSON.stringify(question);
    if (key === this.shown) return;
    this.shown = key;
    this.leaveTools();
    this.node.hidden = !question;
    if (!question) this.node.replaceChildren();
    else this.build(question);
  }

  build(question) {
    this.question = question;
    this.fields = this.allFields(question);
    this.error = errorLine();
    if (question.problem) this.error.append(untrusted(question.problem, 600));
    const ways = this.wayInputs('way');
    this.details = el('div', { class: 'way-fields' });
    this.send = el('button', { type: 'submit', class: 'primary', text: _('Reply') });
    this.form = el('form', { class: 'stacked', novalidate: true },
      el('fieldset', {}, el('legend', { text: _('Your reply') }), ways), this.details, this.error, this.send);
    this.form.addEventListener('submit', (event) => this.reply(event));
    this.node.replaceChildren(
      el('div', {},
        el('h2', { id: 'question-title', tabindex: '-1', text: ABOUT[question.level] }),
        el('p', { class: 'asked' }, storedText(asked(question), 2000))),
      this.form);
    this.choose(this.first);
  }

  wayInputs(name) {
    return Object.entries(this.ways).map(([way, words]) => el('label', { class: 'way' },
      el('input', { type: 'radio', name, value: way, checked: way === this.first, on: { change: () => this.choose(way) } }), ` ${words}`));
  }

  choose(way) {
    this.way = way;
    this.leaveTools();
    this.details.replaceChildren(...this.fields[way].nodes);
    this.fields[way].begin?.();
  }

  allFields(question) {
    return { accept: this.acceptFields(question), reject: rejectFields(question), ...this.addedFields() };
  }

  addedFields() {
    return {
      clue: this.clueFields(), place: placeFields(), photo_region: this.photoFields(), map_region: this.mapFields(),
      map_countries: countryFields(), map_outline: outlineFields(), time: timeFields(),
      sun_shadow: shadowFields(this.photo, this.measure), sun_position: sunFields(this.measure),
    };
  }

  acceptFields(question) {
    const agree = el('option', { value: '', text: _('as proposed: {proposal}', { proposal: stored(proposal(question)) }) });
    const select = el('select', {}, agree, question.candidates.map(candidateOption));
    return {
      nodes: [field(_('Candidate'), select, _('The place keeps the share that the evidence gives it.'))],
      read: () => (select.value ? { place: select.value } : {}),
    };
  }

  /** Text, and its box where one is drawn. */
  clueFields() {
    const text = el('textarea', { rows: '2', maxlength: '1000' });
    const box = this.photoFields();
    const drawn = () => {
      const edges = box.read().box;
      return Object.values(edges).every((edge) => edge !== null) ? { box: edges } : {};
    };
    return {
      nodes: [
        field(_('Text as it stands in the photo'), text, _('It is weighed like text that a tool has read.')),
        el('details', {}, el('summary', { text: _('Where it stands (optional)') }), box.nodes)],
      begin: box.begin, read: () => ({ text: text.value, ...drawn() }),
    };
  }

  photoFields() {
    const inputs = EDGES.map(([name]) => [name, numberInput({ min: 0, max: 100, step: 'any' })]);
    const read = () => Object.fromEntries(inputs.map(([name, input]) => [name, number(input) === null ? null : number(input) / 100]));
    for (const [, input] of inputs) input.addEventListener('input', () => this.photo.setMarking(read()));
    const begin = () => this.photo.mark((box) => {
      for (const [name, input] of inputs) input.value = (box[name] * 100).toFixed(1);
    });
    return {
      nodes: [
        el('p', { class: 'hint', text: _('Drag over the photo, or type the edges in per cent of its width and height.') }),
        el('div', { class: 'fields four' }, inputs.map(([, input], index) => field(EDGES[index][1], input)))],
      begin, read: () => ({ box: read() }),
    };
  }

  mapFields() {
    const lat = numberInput({ min: -90, max: 90, step: 'any' });
    const lon = numberInput({ min: -180, max: 180, step: 'any' });
    const km = numberInput({ min: 1, max: 20100, step: 'any' });
    const read = () => ({ lat_deg: number(lat), lon_deg: number(lon), radius_km: number(km) });
    const typed = () => {
      const circle = read();
      if (Object.values(circle).every((value) => value !== null)) this.map.circleTool.set(circle);
    };
    for (const input of [lat, lon, km]) input.addEventListener('input', typed);
    const begin = () => {
      this.map.circleTool.begin((circle) => {
        lat.value = circle.lat_deg.toFixed(4);
        lon.value = circle.lon_deg.toFixed(4);
        km.value = circle.radius_km.toFixed(1);
      });
      typed();
    };
    return {
      nodes: [
        el('p', { class: 'hint', text: _('Drag on the map from the centre of the circle outwards, or type it.') }),
        el('div', { class: 'fields' }, field(_('Latitude (°)'), lat), field(_('Longitude (°)'), lon), field(_('Radius (km)'), km))],
      begin, read,
    };
  }

  leaveTools() {
    this.photo.stopMarking();
    this.map.circleTool.end();
  }

  async reply(event) {
    event.preventDefault();
    this.error.textContent = '';
    this.send.disabled = true;
    try {
      await this.onReply({ kind: this.way, ...this.fields[this.way].read() });
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      this.error.replaceChildren(untrusted(refused.message, 600));
    } finally {
      this.send.disabled = false;
    }
  }
}

/** Adds what a person sees or knows, asked or not. */
export class ClueForm extends QuestionForm {
  /** Build the form once; `onAdd(statement)` does it. */
  constructor(node, { photo, map, onAdd, onMeasure }) {
    super(node, { photo, map, onReply: onAdd, onMeasure });
    this.ways = ADDED;
    this.first = 'clue';
    this.fields = this.addedFields();
    this.error = errorLine();
    this.details = el('div', { class: 'way-fields' });
    this.send = el('button', { type: 'submit', class: 'primary', text: _('Add it and look again') });
    this.form = el('form', { class: 'stacked', novalidate: true },
      el('fieldset', {}, el('legend', { text: _('What you see or know') }), this.wayInputs('added')), this.details, this.error, this.send);
    this.form.addEventListener('submit', (event) => this.reply(event));
    this.box = el('details', { id: 'add-clue' }, el('summary', { text: _('Add what you see or know') }),
      el('p', { class: 'quiet', text: _('It counts as evidence with you as its source; an area is a condition. The run looks again, with all else as it was. You can take it back.') }),
      this.form);
    this.box.addEventListener('toggle', () => (this.box.open ? this.choose(this.way ?? this.first) : this.leaveTools()));
    node.replaceChildren(this.box);
    this.way = this.first;
    this.details.replaceChildren(...this.fields[this.first].nodes);
  }

  /** Empty the fields for the next thing. */
  clear() {
    this.fields = this.addedFields();
    if (this.box.open) this.choose(this.way);
  }
}

function rejectFields(question) {
  const places = [...question.candidates, ...question.accepted];
  const select = el('select', {}, places.map(candidateOption));
  const reason = el('textarea', { rows: '2', maxlength: '1000' });
  return {
    nodes: [field(_('Place'), select), field(_('Reason (stands in the report)'), reason)],
    read: () => ({ place: select.value, reason: reason.value }),
  };
}

function placeFields() {
  const place = el('input', { type: 'text', maxlength: '200', autocomplete: 'off', placeholder: 'Braga, Portugal' });
  return { nodes: [field(_('A town, a region or a country'), place, _('It is taken to be right nine times out of ten.'))], read: () => ({ place: place.value }) };
}

function countryFields() {
  const codes = el('input', { type: 'text', maxlength: '300', autocomplete: 'off', placeholder: 'PT, ES' });
  const read = () => ({ countries: codes.value.split(/[\s,;]+/).filter(Boolean).map((code) => code.toUpperCase()) });
  return { nodes: [field(_('Countries by ISO code'), codes, _('Everything is then given that it is one of them.'))], read };
}

function outlineFields() {
  const text = el('textarea', { rows: '3', spellcheck: 'false', placeholder: '{"type": "Polygon", "coordinates": [...]}' });
  const file = el('input', { type: 'file', accept: '.json,.geojson,application/geo+json' });
  file.addEventListener('change', async () => { text.value = (await file.files[0]?.text()) ?? text.value; });
  return {
    nodes: [field(_('GeoJSON of a polygon'), text, _('Everything is then given that it lies inside.')), field(_('or a file of it'), file)],
    read: () => ({ geojson: parsed(text.value) }),
  };
}

/** JSON as an object; what is none goes as it is: the server says what is wrong. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function timeFields() {
  const time = el('input', { type: 'text', maxlength: '60', autocomplete: 'off', placeholder: '2024-05-01T10:00+01:00' });
  return { nodes: [field(_('Date and time'), time, _('It counts beside other photos of a trip.'))], read: () => ({ time: time.value }) };
}

/** The question without the level that its heading names already. */
function asked({ level, text }) {
  const words = text.startsWith(`${level}: `) ? text.slice(level.length + 2) : text;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function proposal(question) {
  const named = question.candidates.find((item) => item.place.id === question.verdict.place_id);
  return named ? `${question.verdict.decision} ${visible(named.place.name, 60)}` : question.verdict.decision;
}

function candidateOption(hypothesis) {
  return el('option', { value: hypothesis.place.id, text: `${visible(placeName(hypothesis.place), 80)} (${percent(hypothesis.probability)})` });
}

function numberInput(options) {
  return el('input', { type: 'number', inputmode: 'decimal', autocomplete: 'off', ...options });
}

/** What stands in a number field, null where it is no number: the server says what is wrong. */
function number(input) {
  return Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : null;
}
