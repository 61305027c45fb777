// The sun in the photo: a shadow that is marked, or a height that is known; what it says.

import { ApiError } from './api.js';
import { button, el, field, untrusted, refill } from './dom.js';
import { gettext as _, localMoment, localNumber, stored } from './language.js';
import { percent } from './words.js';

const POINTS = {
  foot: [_('Foot of an upright thing: from the left (%)'), _('from the top (%)')],
  top: [_('Top of the thing: from the left (%)'), _('from the top (%)')],
  tip: [_('Tip of its shadow: from the left (%)'), _('from the top (%)')],
  horizon_left: [_('Horizon, left: from the left (%)'), _('from the top (%)')],
  horizon_right: [_('Horizon, right: from the left (%)'), _('from the top (%)')],
};
const LETTERS = { foot: _('Foot'), top: _('Top'), tip: _('Tip'), horizon_left: 'H', horizon_right: 'H' };
const LINES = [
  { from: 'foot', to: 'top', kind: 'thing' }, { from: 'foot', to: 'tip', kind: 'shadow' },
  { from: 'horizon_left', to: 'horizon_right', kind: 'horizon' },
];
const NEXT = {
  foot: _('Click where an upright thing stands on level ground: a post, a person, the corner of a house.'),
  top: _('Click its top.'),
  tip: _('Click where the shadow of that top ends on the ground.'),
  horizon_left: _('Click the horizon on the left, where sea or plain meet the sky; or leave it out.'),
  horizon_right: _('Click the horizon on the right.'),
};
const DONE = _('All is marked. Drag a point to move it.');

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
      el('div', { class: 'buttons' }, button(_('Show the photo'), () => photo.points.reveal(), { class: 'small' }), button(_('Clear the marks'), clear, { class: 'small' })),
      el('details', { class: 'typed-points' }, el('summary', { text: _('Type the points, in per cent from the left and the top') }),
        Object.entries(POINTS).map(([name, [left, top]]) => el('div', { class: 'fields two' },
          field(left, inputs[name].x), field(top, inputs[name].y)))),
      el('div', { class: 'fields two' },
        field(_('Focal length, 35 mm equivalent (mm)'), focal, _('Else what the file says, else a guess.')),
        field(_('The camera looked towards (° from north)'), bearing, _('With it the bearing of the sun counts too.'))),
      ...whenAndWhere(time, () => ({ kind: 'sun_shadow', ...read() }), measure)],
    begin, read,
  };
}

/** The fields of a height, a bearing or a half of the sky. */
export function sunFields(measure) {
  const height = numberInput({ min: 0, max: 90 });
  const bearing = numberInput({ min: 0, max: 360 });
  const error = numberInput({ min: 0.1, max: 45, placeholder: '3' });
  const side = el('select', {}, el('option', { value: '', text: _('not known') }), el('option', { value: 'north', text: _('in the north') }), el('option', { value: 'south', text: _('in the south') }));
  const time = timeInput();
  const read = () => withoutEmpty({
    elevation_deg: number(height), azimuth_deg: number(bearing), side: side.value, error_deg: number(error), time: time.value.trim(),
  });
  return {
    nodes: [
      el('div', { class: 'fields two' },
        field(_('Height above the horizon (°)'), height), field(_('Bearing, from true north (°)'), bearing),
        field(_('Or only'), side), field(_('Standard deviation (°)'), error)),
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
    refill(result, el('p', { class: 'quiet', text: _('Measuring.') }));
    try {
      refill(result, reportOf(await measure(withoutEmpty({ said: said(), position: place.value.trim(), day: day.value.trim() }))));
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      refill(result, el('p', { class: 'error' }, untrusted(refused.message, 600)));
    }
  };
  return [
    field(_('Taken at'), time, _('A time with Z or an offset, in the local time of the place without; a day; or two of them with / between. Without it the time known already counts.')),
    el('details', {}, el('summary', { text: _('When does the sun stand so at a place I know?') }),
      el('div', { class: 'fields two' }, field(_('Place'), place, _('A position in any form.')), field(_('On the day'), day, _('Empty: all of the year.')))),
    el('div', { class: 'buttons' }, button(_('Measure, add nothing'), ask, { id: 'sun-measure' })),
    result,
  ];
}

function reportOf(report) {
  return [
    el('p', {}, el('strong', {}, untrusted(capitalised(stored(report.words)), 400))),
    report.assumptions.length ? el('ul', { class: 'quiet' }, report.assumptions.map((words) => el('li', {}, untrusted(stored(words), 200)))) : null,
    report.at_place ? el('p', {}, atPlace(report.at_place)) : null,
    report.countries.length ? countriesOf(report) : null,
    report.zone && !report.at_place ? timesOf(report) : null,
  ];
}

function atPlace({ elevation_deg: height, azimuth_deg: bearing, deviations, fits }) {
  if (height < 0) return _('It does not fit: there and then the sun is below the horizon.');
  const found = { height: localNumber(height, 1), bearing: localNumber(bearing), deviations: localNumber(deviations ?? 0, 1) };
  if (deviations === null) return _('It does not fit: there and then it stands {height}° high at a bearing of {bearing}°.', found);
  return fits
    ? _('It fits: there and then it stands {height}° high at a bearing of {bearing}°, {deviations} standard deviations away.', found)
    : _('It does not fit well: there and then it stands {height}° high at a bearing of {bearing}°, {deviations} standard deviations away.', found);
}

function countriesOf(report) {
  return [
    el('p', {}, _('By the sun alone, at {time}:', { time: report.time })),
    el('ol', { class: 'plain' }, report.countries.map((country) => el('li', {}, `${percent(country.probability)} `, untrusted(stored(country.name), 80)))),
    el('p', { class: 'quiet', text: _('That tells {number} bits of the country. Added as a clue it is weighed with all else.', { number: localNumber(report.bits, 1) }) }),
  ];
}

function timesOf(report) {
  const days = report.days.filter((day) => day.spans.length);
  if (!days.length) return el('p', { text: _('There the sun does not stand so.') });
  const ranges = report.dates.map(([first, last]) => _('{first} to {last}', { first: dayName(first), last: dayName(last) })).join('; ');
  return [
    ranges ? el('p', { text: _('It stands so there at some time from {ranges}.', { ranges }) }) : null,
    el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': _('Times by day') }, el('table', {},
      el('caption', { text: _('Times of {zone}', { zone: report.zone }) }),
      el('thead', {}, el('tr', {}, el('th', { scope: 'col', text: _('Day') }), el('th', { scope: 'col', text: _('Between') }))),
      el('tbody', {}, days.map((day) => el('tr', {},
        el('th', { scope: 'row', text: report.dates.length ? dayName(day.day) : day.day }),
        el('td', { text: day.spans.map((span) => _('{first} and {last}', { first: clock(span.first), last: clock(span.last) })).join('; ') })))))),
  ];
}

const dayName = (day) => localMoment(new Date(`${day}T12:00:00Z`), { day: 'numeric', month: 'short', timeZone: 'UTC' });
const clock = (time) => time.slice(11, 16);

function capitalised(words) {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

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
