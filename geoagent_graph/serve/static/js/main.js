// The page: one view at a time, as the address says.

import * as api from './api.js';
import { readAddress, writeAddress } from './address.js';
import { CaseView, NOT_HERE } from './case_view.js';
import { untrusted, visible } from './dom.js';
import { useFormats } from './downloads.js';
import { gettext as _, languageMenu } from './language.js';
import { WorldMap } from './map/map.js';
import { PhotoPane } from './photo.js';
import { PhotoBench } from './photo_bench.js';
import { Start } from './start.js';
import { themeButton } from './theme.js';
import { useWording } from './words.js';

const get = (id) => document.getElementById(id);
const map = new WorldMap(get('map'));
const photo = new PhotoPane(get('frame'), get('photo-caption'));
new PhotoBench(photo);
const start = new Start({ onCase: (id) => go({ id }, true), onSaid: announce });
const view = new CaseView({
  map, photo, announce,
  onBranch: (branch) => go({ id: readAddress().id, branch }, true),
  onName: (id, branch) => go({ id, branch }, true),
  onGone: (error) => { showStart(); say(error.status === 404 ? NOT_HERE : error.message); },
});

function announce(words) {
  get('announce').textContent = visible(words, 400);
}

function say(words) {
  get('gone').hidden = !words;
  get('gone').replaceChildren(untrusted(words, 600));
}

function go(place, focus) {
  writeAddress(place);
  return route(focus);
}

async function route(focus) {
  say('');
  const { id, branch, step } = readAddress();
  if (!id) {
    showStart();
    if (focus) get('start-title').focus();
    return;
  }
  start.hide();
  await view.open(id, branch, step);
  if (focus) get('headline').focus();
}

function showStart() {
  view.close();
  writeAddress({ id: null });
  start.show();
}

function introduce(about) {
  useWording(about.wording);
  useFormats(about.formats);
  start.limits = about.limits;
  const alone = about.policy === 'evidence';
  get('privacy').textContent = alone
    ? _('The photo goes to this server and nowhere else.')
    : _('This server shows the photo to the model that it was started with, and to nobody else.');
  const [version, policy] = [about.version, visible(about.policy, 40)];
  get('made-by').textContent = about.model
    ? _('geoagent {version}, policy {policy}, model {model}.', { version, policy, model: visible(about.model, 80) })
    : _('geoagent {version}, policy {policy}.', { version, policy });
  if (about.basemap) map.useStreets(get('streets'), get('streets-credit'), about.basemap, announce);
}

async function begin() {
  languageMenu(get('language'));
  themeButton(get('theme'), () => map.recolour());
  get('skip').addEventListener('click', (event) => { event.preventDefault(); get('main').focus(); });
  for (const id of ['home', 'to-start']) {
    get(id).addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go({ id: null }, true);
    });
  }
  window.addEventListener('popstate', () => route(true));
  try {
    const [about] = await Promise.all([api.about(), map.load()]);
    introduce(about);
  } catch (error) {
    if (!(error instanceof api.ApiError)) throw error;
    say(error.message);
    start.show();
    return;
  }
  await route(false);
}

begin();
