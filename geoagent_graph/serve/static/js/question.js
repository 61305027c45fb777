// The open question and the ways to reply to it; what a person adds without being asked.

import { ApiError } from './api.js';
import { el, errorLine, field, untrusted, visible } from './dom.js';
import { shadowFields, sunFields } from './sun.js';
import { percent, placeName } from './words.js';

const ADDED = {
  clue: 'Add text that I can read in the photo',
  place: 'Name a place that I recognise',
  photo_region: 'Mark a part of the photo to be read closer',
  map_region: 'Draw a circle on the map that the photo must lie in',
  map_countries: 'Name the countries that it must lie in',
  map_outline: 'Give an outline (GeoJSON) that it must lie in',
  time: 'Say when it was taken',
  sun_shadow: 'Mark a shadow: how high the sun stood',
  sun_position: 'Say where the sun stood',
};
const WAYS = { accept: 'Go on with a candidate', reject: 'Exclude a place and look again', ...ADDED };

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
    this.send = el('button', { type: 'submit', class: 'primary', text: 'Reply' });
    this.form = el('form', { class: 'stacked', novalidate: true },
      el('fieldset', {}, el('legend', { text: 'Your reply' }), ways), this.details, this.error, this.send);
    this.form.addEventListener('submit', (event) => this.reply(event));
    this.node.replaceChildren(
      el('div', {},
        el('h2', { id: 'question-title', tabindex: '-1', text: `A question about the ${question.level}` }),
        el('p', { class: 'asked' }, untrusted(asked(question), 2000))),
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
    const agree = el('option', { value: '', text: `as proposed: ${proposal(question)}` });
    const select = el('select', {}, agree, question.candidates.map(candidateOption));
    return {
      nodes: [field('Candidate', select, 'The place keeps the share that the evidence gives it.')],
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
        field('Text as it stands in the photo', text, 'It is weighed like text that a tool has read.'),
        el('details', {}, el('summary', { text: 'Where it stands (optional)' }), box.nodes)],
      begin: box.begin, read: () => ({ text: text.value, ...drawn() }),
    };
  }

  photoFields() {
    const inputs = ['Left', 'Top', 'Right', 'Bottom'].map((name) => [name, numberInput({ min: 0, max: 100, step: 'any' })]);
    const read = () => Object.fromEntries(inputs.map(([name, input]) => [name.toLowerCase(), number(input) === null ? null : number(input) / 100]));
    for (const [, input] of inputs) input.addEventListener('input', () => this.photo.setMarking(read()));
    const begin = () => this.photo.mark((box) => {
      for (const [name, input] of inputs) input.value = (box[name.toLowerCase()] * 100).toFixed(1);
    });
    return {
      nodes: [
        el('p', { class: 'hint', text: 'Drag over the photo, or type the edges in per cent of its width and height.' }),
        el('div', { class: 'fields four' }, inputs.map(([name, input]) => field(`${name} (%)`, input)))],
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
        el('p', { class: 'hint', text: 'Drag on the map from the centre of the circle outwards, or type it.' }),
        el('div', { class: 'fields' }, field('Latitude (°)', lat), field('Longitude (°)', lon), field('Radius (km)', km))],
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
    this.send = el('button', { type: 'submit', class: 'primary', text: 'Add it and look again' });
    this.form = el('form', { class: 'stacked', novalidate: true },
      el('fieldset', {}, el('legend', { text: 'What you see or know' }), this.wayInputs('added')), this.details, this.error, this.send);
    this.form.addEventListener('submit', (event) => this.reply(event));
    this.box = el('details', { id: 'add-clue' }, el('summary', { text: 'Add what you see or know' }),
      el('p', { class: 'quiet', text: 'It counts as evidence with you as its source; an area is a condition. The run looks again, with all else as it was. You can take it back.' }),
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
    nodes: [field('Place', select), field('Reason (stands in the report)', reason)],
    read: () => ({ place: select.value, reason: reason.value }),
  };
}

function placeFields() {
  const place = el('input', { type: 'text', maxlength: '200', autocomplete: 'off', placeholder: 'Braga, Portugal' });
  return { nodes: [field('A town, a region or a country', place, 'It is taken to be right nine times out of ten.')], read: () => ({ place: place.value }) };
}

function countryFields() {
  const codes = el('input', { type: 'text', maxlength: '300', autocomplete: 'off', placeholder: 'PT, ES' });
  const read = () => ({ countries: codes.value.split(/[\s,;]+/).filter(Boolean).map((code) => code.toUpperCase()) });
  return { nodes: [field('Countries by ISO code', codes, 'Everything is then given that it is one of them.')], read };
}

function outlineFields() {
  const text = el('textarea', { rows: '3', spellcheck: 'false', placeholder: '{"type": "Polygon", "coordinates": [...]}' });
  const file = el('input', { type: 'file', accept: '.json,.geojson,application/geo+json' });
  file.addEventListener('change', async () => { text.value = (await file.files[0]?.text()) ?? text.value; });
  return {
    nodes: [field('GeoJSON of a polygon', text, 'Everything is then given that it lies inside.'), field('or a file of it', file)],
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
  return { nodes: [field('Date and time', time, 'It counts beside other photos of a trip.')], read: () => ({ time: time.value }) };
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
