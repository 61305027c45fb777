// What the page shows is in the address behind the #: a reload or a bookmark finds it again.

/** The case, branch and step of the address; null where it names none. */
export function readAddress() {
  const query = new URLSearchParams(window.location.hash.slice(1));
  const id = query.get('case');
  if (!id || !/^[\w-]{1,64}$/.test(id)) return { id: null, branch: 'main', step: null };
  const step = query.get('step');
  return {
    id,
    branch: query.get('branch') || 'main',
    step: step !== null && /^\d{1,4}$/.test(step) ? Number(step) : null,
  };
}

export function addressOf({ id, branch = 'main', step = null }) {
  if (!id) return '#';
  const query = new URLSearchParams({ case: id });
  if (branch !== 'main') query.set('branch', branch);
  if (step !== null) query.set('step', step);
  return `#${query}`;
}

/** Change the address; a new case or branch can be left with the browser's back button. */
export function writeAddress(place, { replace = false } = {}) {
  const hash = addressOf(place);
  if (hash === window.location.hash || (hash === '#' && !window.location.hash)) return;
  if (replace) window.history.replaceState(null, '', hash);
  else window.history.pushState(null, '', hash === '#' ? window.location.pathname : hash);
}
