// The first view: a photo is dropped, chosen or pasted; below it the cases there are.

import * as api from './api.js';
import { addressOf } from './address.js';
import { el, untrusted, refill } from './dom.js';
import { counted, gettext as _, localNumber, sentence, stored } from './language.js';
import { timeElement } from './times.js';
import { askTogether } from './together.js';
import { percent } from './words.js';

const STATUS = {
  queued: _('waits for its turn'), running: _('running'), waiting: _('waits for you'), unfinished: _('stopped'), answered: '', failed: _('failed'),
};

const TYPING_MS = 250;
const LIST_MS = 1500;
const ENDS = new Set([0, 401, 403, 429]); // after these the next photo would fail too

export class Start {
  constructor({ onCase, onSaid }) {
    Object.assign(this, { onCase, onSaid });
    this.find();
    this.file.addEventListener('change', () => this.take(this.file.files));
    this.stop.addEventListener('click', () => this.sending?.abort());
    document.getElementById('case-search').addEventListener('submit', (event) => event.preventDefault());
    this.wanted.addEventListener('input', () => { window.clearTimeout(this.typing); this.typing = window.setTimeout(() => this.findCases(), TYPING_MS); });
    this.filed.addEventListener('change', () => this.findCases());
    document.getElementById('upload').addEventListener('submit', (event) => event.preventDefault());
    this.listenForDrops();
  }

  find() {
    const get = (id) => document.getElementById(id);
    [this.node, this.form, this.drop, this.file] = [get('start'), get('upload'), get('drop'), get('file')];
    [this.progress, this.words, this.bar, this.stop] = [get('sending'), get('sending-words'), get('sending-bar'), get('sending-stop')];
    [this.error, this.cases, this.together] = [get('upload-error'), get('cases'), get('together')];
    [this.wanted, this.filed, this.found] = [get('case-words'), get('case-filed'), get('cases-found')];
  }

  async show() {
    this.node.hidden = false;
    document.title = _('GeoAgent: where was this photo taken?');
    await this.findCases();
  }

  /** List the cases that fit what is typed; an older answer never replaces a newer one. */
  async findCases() {
    const mine = this.asking = {};
    const query = { q: this.wanted.value.trim(), filed: this.filed.value };
    try {
      const { cases, total, archived } = await api.cases(query);
      if (mine !== this.asking) return;
      this.list(cases, query);
      const found = counted('{count} case', '{count} cases', total);
      const rest = query.filed === 'open' && archived ? _('{number} put away', { number: localNumber(archived) }) : '';
      this.found.textContent = [found, rest].filter(Boolean).join(', ');
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      refill(this.cases, el('p', { class: 'error' }, untrusted(error.message, 600)));
    }
  }

  hide() {
    this.node.hidden = true;
  }

  list(cases, { q, filed }) {
    if (!cases.length && (q || filed !== 'open')) {
      refill(this.cases, el('p', { class: 'quiet', text: _('No case fits.') }));
      return;
    }
    if (!cases.length) {
      refill(this.cases, el('p', { class: 'quiet', text: _('None yet. Every photo becomes a case that is kept until you delete it.') }));
      return;
    }
    const newest = [...cases].sort((one, other) => String(other.created).localeCompare(String(one.created)));
    refill(this.cases, el('ul', { class: 'case-list' }, newest.map(caseItem)));
  }

  listenForDrops() {
    const over = (event) => {
      if (this.node.hidden || !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      this.drop.classList.toggle('over', event.type === 'dragover');
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', over);
    document.addEventListener('drop', (event) => {
      over(event);
      if (!this.node.hidden) this.take(event.dataTransfer.files);
    });
    document.addEventListener('paste', (event) => {
      if (!this.node.hidden && event.clipboardData?.files.length) this.take(event.clipboardData.files);
    });
  }

  async take(files) {
    if (this.sending || this.choosing || !files.length) return;
    this.error.textContent = '';
    const chosen = [...files];
    this.file.value = '';
    const way = await this.wayOf(chosen);
    if (way === 'each') await this.sendEach(chosen);
    else if (way) await this.sendOne(chosen, way === 'trip');
    else this.file.focus();
  }

  /** 'photo', 'trip' or 'each'; '' when the person takes the choice back. */
  async wayOf(files) {
    if (files.some(isVideo)) return 'trip';
    if (files.length === 1) return 'photo';
    this.choosing = true;
    try {
      return await askTogether(this.together, files.length);
    } finally {
      this.choosing = false;
    }
  }

  /** Why files are not sent; what only the server can tell, it says of each photo. */
  refusal(files, isTrip) {
    const most = isTrip ? this.limits?.trip_bytes : this.limits?.upload_bytes;
    const photos = this.limits?.trip_photos ?? files.length;
    if (files.length > photos) {
      return _('{number} files: a trip holds at most {most} photos. Choose fewer, or send them as several trips.', { number: localNumber(files.length), most: localNumber(photos) });
    }
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (most && size > most) {
      return _('{name}: is {size}; at most {most} are taken. Make it smaller.', { name: namesOf(files), size: megabytes(size), most: megabytes(most) });
    }
    return '';
  }

  /** Send files that make one case, and go to it. */
  async sendOne(files, isTrip) {
    const [started] = await this.send([files], isTrip);
    if (started) this.onCase(started.id);
  }

  /** Send photos that make a case each; the list then shows them, and those that failed are named. */
  async sendEach(files) {
    const started = await this.send(files.map((file) => [file]), false);
    await this.findCases();
    this.cases.querySelector('a')?.focus();
    this.onSaid(counted('{count} case begun', '{count} cases begun', started.length));
  }

  /** Send groups of files, each a case of its own; what went wrong is said and the rest goes on. */
  async send(groups, isTrip) {
    this.sending = new AbortController();
    this.progress.hidden = false;
    const [started, problems] = [[], []];
    for (const [index, files] of groups.entries()) {
      const name = namesOf(files);
      const told = (share) => this.told({ name, number: index + 1, count: groups.length }, share);
      const refused = this.refusal(files, isTrip);
      if (refused) {
        problems.push(refused);
        continue;
      }
      try {
        told(0);
        const begin = isTrip ? api.uploadTrip : (photos, ...rest) => api.upload(photos[0], ...rest);
        started.push(await begin(files, this.options(), told, this.sending.signal));
        if (groups.length > 1) this.listSoon();
      } catch (error) {
        if (!(error instanceof api.ApiError)) throw error;
        problems.push(groups.length > 1 && !error.message.startsWith(name) ? `${name}: ${error.message}` : error.message);
        if (ENDS.has(error.status)) break;
      }
    }
    const left = groups.length - started.length - problems.length;
    if (left) problems.push(counted('{count} more was not sent.', '{count} more were not sent.', left));
    this.sending = null;
    window.clearTimeout(this.listing);
    this.listing = null;
    this.progress.hidden = true;
    this.error.replaceChildren(...problems.flatMap((words) => [untrusted(words, 600), ' ']).slice(0, -1));
    return started;
  }

  told({ name, number, count }, share) {
    this.bar.value = (number - 1 + share) / count;
    const photo = untrusted(name, 80);
    let doing;
    if (count > 1) doing = sentence('Sending {number} of {count}: {photo}', { number: localNumber(number), count: localNumber(count), photo });
    else if (share < 1) doing = sentence('Sending, {share}: {photo}', { share: percent(share), photo });
    else doing = sentence('Sent; the photo is being checked: {photo}', { photo });
    this.words.replaceChildren(...doing);
  }

  /** List the cases while more are sent, but not after each one. */
  listSoon() {
    this.listing ??= window.setTimeout(() => { this.listing = null; this.findCases(); }, LIST_MS);
  }

  options() {
    const chosen = new FormData(this.form);
    const known = Object.fromEntries(['near', 'countries', 'context'].map((name) => [name, (chosen.get(name) ?? '').trim()]).filter(([, words]) => words));
    return { ask: chosen.get('ask'), use_exif: String(chosen.has('use_exif')), ...known };
  }
}

function isVideo(file) {
  return file.type.startsWith('video/');
}

function namesOf(files) {
  return files.map((file) => file.name).join(', ');
}

/** A trip in the list: what its photos say together, never one of them alone. */
function tripItems(entry) {
  const going = ['running', 'queued', 'waiting', 'failed', 'unfinished'].find((status) => entry.branches.some((branch) => branch.status === status));
  return [el('li', {},
    el('a', { href: addressOf({ id: entry.id }) }, untrusted(entry.headline ? stored(entry.headline) : _('No answer yet'), 300)),
    el('span', { class: 'status', text: counted('{count} photo', '{count} photos', entry.photos) }),
    going ? el('span', { class: 'status', text: STATUS[going] }) : null)];
}

function caseItem(entry) {
  const branches = entry.photos > 1 ? tripItems(entry) : entry.branches.map((branch) => el('li', {},
    el('a', { href: addressOf({ id: entry.id, branch: branch.branch }) },
      untrusted(entry.branches.length > 1 ? `${branch.branch}: ` : '', 60),
      untrusted(branch.headline ? stored(branch.headline) : _('No answer yet'), 120)),
    STATUS[branch.status] ? el('span', { class: 'status', text: STATUS[branch.status] }) : null));
  return el('li', {},
    el('p', { class: 'case-name' }, untrusted(entry.photo_name ?? entry.id, 80),
      entry.created ? [' ', timeElement(entry.created)] : null,
      entry.archived ? el('span', { class: 'status', text: _('put away') }) : null),
    entry.tags.length ? el('ul', { class: 'tags', 'aria-label': _('Tags') }, entry.tags.map((tag) => el('li', {}, untrusted(tag, 60)))) : null,
    entry.problem ? el('p', { class: 'error' }, untrusted(entry.problem, 400)) : null,
    el('ul', {}, branches));
}

function megabytes(bytes) {
  return `${localNumber(bytes / 1e6, bytes < 1e7 ? 1 : 0)} MB`;
}
