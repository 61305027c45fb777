// The server's routes. Every failure is an ApiError whose message can be shown to a person.

import { LANGUAGE, gettext as _ } from './language.js';

const GONE = _('The server does not answer. Is “geoagent serve” still running?');

export class ApiError extends Error {
  constructor(message, status = 0, retryAfter = 0) {
    super(message);
    this.status = status; // 0: the server could not be reached
    this.retryAfter = retryAfter; // seconds
  }
}

export const about = () => ask('GET', '/v1/about');
export const cases = (query = {}) => ask('GET', `/v1/cases?${new URLSearchParams(query)}`);
export const world = (scale) => ask('GET', `/v1/map/world?scale=${scale}`);
export const countries = () => ask('GET', '/v1/map/countries');
export const search = (words) => ask('GET', `/v1/search?${new URLSearchParams({ q: words })}`);

export function towns(lat, lon, radiusKm, limit) {
  const query = new URLSearchParams({
    lat: lat.toFixed(4), lon: lon.toFixed(4), radius_km: radiusKm.toFixed(1), limit,
  });
  return ask('GET', `/v1/map/towns?${query}`);
}

/** What lies at a point, its other forms and links; the server asks nobody else. */
export const point = (position) => ask('GET', `/v1/point?${new URLSearchParams({ position })}`);

/** The routes of one branch of a case. */
export class CaseApi {
  constructor(id, branch) {
    this.id = id;
    this.branch = branch;
  }

  path(what = '', query = {}) {
    const search = new URLSearchParams({ branch: this.branch, ...query });
    return `/v1/cases/${encodeURIComponent(this.id)}${what}?${search}`;
  }

  photo() { return this.path('/photo'); }
  wholePhoto() { return this.path('/photo', { max_side: 8192 }); }
  report(format) { return this.path('/report', LANGUAGE === 'en' ? { format } : { format, language: LANGUAGE }); }
  read() { return ask('GET', this.path()); }
  verify() { return ask('GET', this.path('/verify')); }
  resume(oneStep = false) { return ask('POST', this.path('/resume'), { one_step: oneStep }); }
  remove() { return ask('DELETE', `/v1/cases/${encodeURIComponent(this.id)}`); }
  file(change) { return ask('PATCH', `/v1/cases/${encodeURIComponent(this.id)}`, change); }
  stop() { return ask('POST', this.path('/stop'), {}); }
  reply(reply) { return ask('POST', this.path('/answer'), reply); }
  veto(place, because) { return ask('POST', this.path('/veto'), { place, because }); }
  addClue(statement) { return ask('POST', this.path('/clues'), statement); }
  tripReport() { return `/v1/cases/${encodeURIComponent(this.id)}/trip/report${LANGUAGE === 'en' ? '' : `?language=${LANGUAGE}`}`; }
  trip() { return ask('GET', `/v1/cases/${encodeURIComponent(this.id)}/trip`); }
  sun(asked) { return ask('POST', this.path('/sun'), asked); }
  undo() { return ask('POST', this.path('/undo'), {}); }
  note(text) { return ask('POST', this.path('/notes'), { text }); }

  fork(atStep, set, name) {
    const body = { at_step: atStep };
    if (Object.keys(set).length) body.set = set;
    if (name) body.name = name;
    return ask('POST', this.path('/fork'), body);
  }

  /** The events of the branch as they are stored. */
  async trace() {
    const response = await reach(this.path('/trace'), {});
    if (!response.ok) throw problem(response.status, await response.text(), response.headers.get('Retry-After'));
    const lines = (await response.text()).split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }
}

/** Send a photo; `onProgress` gets the share that has left, 0 to 1. */
export function upload(file, options, onProgress, signal) {
  return send('/v1/cases', 'photo', [file], options, onProgress, signal);
}

/** Send photos of one trip, or a video, as `upload` does a photo. */
export function uploadTrip(files, options, onProgress, signal) {
  return send('/v1/trips', 'photos', files, options, onProgress, signal);
}

function send(path, field, files, options, onProgress, signal) {
  const form = new FormData();
  for (const file of files) form.append(field, file, file.name || 'pasted.png');
  for (const [name, value] of Object.entries(options)) form.append(name, value);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch() does not tell how much has left
    request.open('POST', path);
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener('load', () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(problem(request.status, request.responseText, request.getResponseHeader('Retry-After')));
    });
    request.addEventListener('error', () => reject(new ApiError(GONE)));
    request.addEventListener('abort', () => reject(new ApiError(_('The upload was cancelled.'))));
    signal?.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

async function ask(method, path, body) {
  const options = { method, headers: { Accept: 'application/json' } };
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const response = await reach(path, options);
  const text = await response.text();
  if (!response.ok) throw problem(response.status, text, response.headers.get('Retry-After'));
  return text ? JSON.parse(text) : null;
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error instanceof TypeError) throw new ApiError(GONE);
    throw error;
  }
}

function problem(status, text, retryAfter) {
  let said = '';
  try {
    const content = JSON.parse(text);
    said = typeof content.detail === 'string' ? content.detail : content.title;
  } catch {
    said = '';
  }
  return new ApiError(said || _('The server refused this (status {status}).', { status }), status, Number(retryAfter) || 0);
}
