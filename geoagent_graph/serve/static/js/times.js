// Moments as the viewer's clock shows them; traces hold them in UTC.

import { el } from './dom.js';
import { localMoment } from './language.js';

/** "30 Nov 2026, 15:49 CET" for an ISO time; what is none, as it came. */
export function localTime(iso) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return String(iso);
  return localMoment(moment, {
    year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short',
  });
}

/** An ISO time in the viewer's zone, the zone named; pointing at it shows UTC. */
export function timeElement(iso) {
  const utc = new Date(iso);
  const title = Number.isNaN(utc.getTime()) ? null : `${utc.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return el('time', { datetime: iso, class: 'quiet', title, text: localTime(iso) });
}
