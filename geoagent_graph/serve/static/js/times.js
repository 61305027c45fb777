// Moments as the viewer's clock shows them; traces hold them in UTC.

/** "30 Nov 2026, 15:49 CET" for an ISO time; what is none, as it came. */
export function localTime(iso) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return String(iso);
  return new Intl.DateTimeFormat('en-GB', {
    year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
  }).format(moment);
}
