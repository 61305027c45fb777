// The sun in the photo: a shadow that is marked, or a height that is known; what it says.

import { ApiError } from './api.js';
import { button, el, field, untrusted, refill } from './dom.js';
import { percent } from './words.js';

const POINTS = {
  foot: 'Foot of an upright thing', top: 'Top of the thing', tip: 'Tip of its shadow',
  horizon_left: 'Horizon, left', horizon_right: 'Horizon, right',
};
const LETTERS = { foot: 'Foot', top: 'Top', tip: 'Tip', horizon_left: 'H', horizon_right: 'H' };
const LINES = [
  { from: 'foot', to: 'top', kind: 'thing' }, { from: 'foot', to: 'tip', kind: 'shadow' },
  { from: 'horizon_left', to: 'horizon_right', kind: 'horizon' },
];
const NEXT = {
  foot: 'Click where an upright thing stands on level ground: a post, a person, the corner of a house.',
  top: 'Click its top.',
  tip: 'Click where the shadow of that top ends on the ground.',
  horizon_left: 'Click the horizon on the left, where sea or plain meet the sky; or leave it out.',
  horizon_right: 'Click the horizon on the right.',
};
const DONE = 'All is marked. Drag a point to move it.';

/** The fields of a marked shadow; `measure(asked)` says what the server makes of it. */
export function shadowFields(photo, measure) {
  const inputs = Object.fromEntries(Object.keys(POINTS).map((name) => [name, { x: percentInput(), y: percentInput() }]));
  const focal = numberInput({ min: 4, max: 3000 });
  const bearing = numberInput({ min: 0, max: 360 });
  const next = el('p', { class: 'hint', role: 'status' });
  const points = () => Object.fromEntries(Object.entries(inputs).map(([name, pair]) => [name, pointOf(pair)]));
  const told = () => {
    const marked = points();
    const open = Object.keys(POINTS).find((name) => !marked[name]);
    next.textContent = open ? NEXT[open] : DONE;
    photo.points.tell(next.textContent);
  };
  const typed = () => {
    photo.points.set(points());
    told();
  };
  for (const { x, y } of Object.values(inputs)) for (const input of [x, y]) input.addEventListener('input', typed);
  const clear = () => {
    for (const { x, y } of Object.values(inputs)) [x.value, y.value] = ['', ''];
    typed();
  };
  const begin = () => {
    photo.points.begin({ names: Object.keys(POINTS), lines: LINES, letters: LETTERS }, (name, point) => {
      inputs[name].x.value = (point.x * 100).toFixed(2);
      inputs[name].y.value = (point.y * 100).toFixed(2);
      told();
    });
    typed();
  };
  const time = timeInput();
  const read = () => withoutEmpty({ ...shadowOf(points()), focal_35mm_mm: number(focal), camera_bearing_deg: number(bearing), time: time.value.trim() });
  return {
    nodes: [
      next,
      el('div', { class: 'buttons' }, button('Show the photo', () => photo.points.reveal(), { class: 'small' }), button('Clear the marks', clear, { class: 'small' })),
      el('details', { class: 'typed-points' }, el('summary', { text: 'Type the points, in per cent from the left and the top' }),
        Object.entries(POINTS).map(([name, words]) => el('div', { class: 'fields two' },
          field(`${words}: from the left (%)`, inputs[name].x), field('from the top (%)', inputs[name].y)))),
      el('div', { class: 'fields two' },
        field('Focal length, 35 mm equivalent (mm)', focal, 'Else what the file says, else a guess.'),
        field('The camera looked towards (° from north)', bearing, 'With it the bearing of the sun counts too.')),
      ...whenAndWhere(time, () => ({ kind: 'sun_shadow', ...read() }), measure)],
    begin, read,
  };
}

/** The fields of a height, a bearing or a half of the sky. */
export function sunFields(measure) {
  const height = numberInput({ min: 0, max: 90 });
  const bearing = numberInput({ min: 0, max: 360 });
  const error = numberInput({ min: 0.1, max: 45, placeholder: '3' });
  const side = el('select', {}, el('option', { value: '', text: 'not known' }), el('option', { value: 'north', text: 'in the north' }), el('option', { value: 'south', text: 'in the south' }));
  const time = timeInput();
  const read = () => withoutEmpty({
    elevation_deg: number(height), azimuth_deg: number(bearing), side: side.value, error_deg: number(error), time: time.value.trim(),
  });
  return {
    nodes: [
      el('div', { class: 'fields two' },
        field('Height above the horizon (°)', height), field('Bearing, from true north (°)', bearing),
        field('Or only', side), field('Standard deviation (°)', error)),
      ...whenAndWhere(time, () => ({ kind: 'sun_position', ...read() }), measure)],
    read,
  };
}

/** The time that goes with it, and a button that says what follows before anything is added. */
function whenAndWhere(time, said, measure) {
  const place = el('input', { type: 'text', maxlength: '200', autocomplete: 'off', placeholder: '41.55, -8.42' });
  const day = el('input', { type: 'text', maxlength: '40', autocomplete: 'off', placeholder: '2024-06-21' });
  const result = el('div', { class: 'sun-report', role: 'status' });
  const ask = async () => {
    refill(result, el('p', { class: 'quiet', text: 'Measuring.' }));
    try {
      refill(result, reportOf(await measure(withoutEmpty({ said: said(), position: place.value.trim(), day: day.value.trim() }))));
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      refill(result, el('p', { class: 'error' }, untrusted(refused.message, 600)));
    }
  };
  return [
    field('Taken at', time, 'A time with Z or an offset, in the local time of the place without; a day; or two of them with / between. Without it the time known already counts.'),
    el('details', {}, el('summary', { text: 'When does the sun stand so at a place I know?' }),
      el('div', { class: 'fields two' }, field('Place', place, 'A position in any form.'), field('On the day', day, 'Empty: all of the year.'))),
    el('div', { class: 'buttons' }, button('Measure, add nothing', ask, { id: 'sun-measure' })),
    result,
  ];
}

function reportOf(report) {
  return [
    el('p', {}, el('strong', {}, untrusted(`${report.words.charAt(0).toUpperCase()}${report.words.slice(1)}.`, 400))),
    report.assumptions.length ? el('ul', { class: 'quiet' }, report.assumptions.map((words) => el('li', {}, untrusted(words, 200)))) : null,
    report.at_place ? el('p', {}, atPlace(report.at_place)) : null,
    report.countries.length ? countriesOf(report) : null,
    report.zone && !report.at_place ? timesOf(report) : null,
  ];
}

function atPlace({ elevation_deg: height, azimuth_deg: bearing, deviations, fits }) {
  if (height < 0) return 'It does not fit: there and then the sun is below the horizon.';
  const there = `there and then it stands ${height.toFixed(1)}° high at a bearing of ${bearing.toFixed(0)}°`;
  if (deviations === null) return `It does not fit: ${there}.`;
  return `${fits ? 'It fits' : 'It does not fit well'}: ${there}, ${deviations.toFixed(1)} standard deviations away.`;
}

function countriesOf(report) {
  return [
    el('p', {}, `By the sun alone, at ${report.time}:`),
    el('ol', { class: 'plain' }, report.countries.map((country) => el('li', {}, `${percent(country.probability)} `, untrusted(country.name, 80)))),
    el('p', { class: 'quiet', text: `That tells ${report.bits.toFixed(1)} bits of the country. Added as a clue it is weighed with all else.` }),
  ];
}

function timesOf(report) {
  const days = report.days.filter((day) => day.spans.length);
  if (!days.length) return el('p', { text: 'There the sun does not stand so.' });
  const ranges = report.dates.map(([first, last]) => `${dayName(first)} to ${dayName(last)}`).join(' and ');
  return [
    ranges ? el('p', { text: `It stands so there at some time from ${ranges}.` }) : null,
    el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Times by day' }, el('table', {},
      el('caption', { text: `Times of ${report.zone}` }),
      el('thead', {}, el('tr', {}, el('th', { scope: 'col', text: 'Day' }), el('th', { scope: 'col', text: 'Between' }))),
      el('tbody', {}, days.map((day) => el('tr', {},
        el('th', { scope: 'row', text: report.dates.length ? dayName(day.day) : day.day }),
        el('td', { text: day.spans.map((span) => `${clock(span.first)} and ${clock(span.last)}`).join('; ') })))))),
  ];
}

const dayName = (day) => new Date(`${day}T12:00:00Z`).toLocaleDateString('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const clock = (time) => time.slice(11, 16);

function shadowOf({ horizon_left: left, horizon_right: right, ...points }) {
  return { ...points, horizon: left && right ? [left, right] : null };
}

function pointOf({ x, y }) {
  const [left, top] = [number(x), number(y)];
  return left === null || top === null ? null : { x: left / 100, y: top / 100 };
}

function withoutEmpty(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ''));
}

function timeInput() {
  return el('input', { type: 'text', maxlength: '100', autocomplete: 'off', placeholder: '2024-06-21T15:30Z' });
}

function percentInput() {
  return numberInput({ min: 0, max: 100, step: 'any' });
}

function numberInput(options) {
  return el('input', { type: 'number', inputmode: 'decimal', autocomplete: 'off', step: 'any', ...options });
}

function number(input) {
  return Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : null;
}
