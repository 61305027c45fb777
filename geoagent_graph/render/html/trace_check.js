// Checks the traces inside this report: every hash, their order, and the signatures. Shows times by
// the viewer's clock. No network.
(() => {
  const said = document.getElementById('trace-check');
  const given = JSON.parse(said.dataset.words || '{}');
  const _ = (words, values = {}) => (given[words] || words).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const zeros = '0'.repeat(64);
  const utf8 = (text) => new TextEncoder().encode(text);
  const bytes = (coded) => Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  const digest = async (content) => new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  const hex = (found) => [...found].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = (found) => btoa(String.fromCharCode(...found)).replace(/=+$/, '');

  const reached = { continent: _('down to the continent'), country: _('down to the country'), city: _('down to the city') };
  const say = (words, kind) => {
    const item = document.createElement('li');
    item.className = kind;
    item.textContent = words;
    said.append(item);
  };

  // The line without its own hash is what was hashed; its keys are in the order of the alphabet.
  const bodyOf = (line, hash) => {
    const parts = line.split(`"hash":"${hash}",`);
    return parts.length === 2 ? parts.join('') : null;
  };

  const check = async (name, text) => {
    const events = [];
    let prev = zeros;
    for (const line of text.split('\n').filter(Boolean)) {
      const event = JSON.parse(line);
      const body = bodyOf(line, event.hash);
      const holds = body !== null && hex(await digest(utf8(body))) === event.hash;
      if (!holds || event.seq !== events.length || event.prev !== prev) {
        say(_('{name}: event {number} was changed, moved or removed. Do not rely on this report.', { name, number: events.length }), 'wrong');
        return;
      }
      prev = event.hash;
      events.push(event);
    }
    say(_('{name}: the chain of {number} events holds; the last hash is {hash}.', { name, number: events.length, hash: prev }), 'right');
    sayAnswer(name, events);
    await checkSignatures(name, events);
  };

  const sayAnswer = (name, events) => {
    const answered = events.filter((event) => event.event === 'answer').pop();
    if (!answered) return;
    const { level, place, probability } = answered.answer;
    const names = new Set([place.city, place.region, place.country, place.continent].filter(Boolean));
    const claim = level === 'none' ? _('no place is claimed') : `${[...names].join(', ')}, ${reached[level]}, ${(100 * probability).toFixed(1)} %`;
    say(_('{name}: its answer says: {claim}. Compare that with the top of this page.', { name, claim }), 'right');
  };

  const checkSignatures = async (name, events) => {
    const newest = new Map();
    for (const event of events.filter((one) => one.event === 'signature')) {
      const key = await crypto.subtle.importKey('raw', bytes(event.public_key), { name: 'Ed25519' }, false, ['verify']);
      const message = utf8(`geotrace signature 1\n${event.prev}`);
      if (!await crypto.subtle.verify({ name: 'Ed25519' }, key, bytes(event.signature), message)) {
        say(_('{name}: the signature at event {number} is not that of its key. Do not rely on this report.', { name, number: event.seq }), 'wrong');
        return;
      }
      newest.set(event.public_key, event);
    }
    if (!newest.size) say(_('{name}: nobody has signed it.', { name }), 'unknown');
    for (const [key, event] of newest) {
      const start = [0, 0, 0, 11, ...utf8('ssh-ed25519'), 0, 0, 0, 32];
      const print = base64(await digest(Uint8Array.from([...start, ...bytes(key)])));
      say(_('{name}: the first {number} events are signed by a key that calls itself {person}, SHA256:{print}. Compare this fingerprint with its owner.', { name, number: event.seq, person: event.person, print }), 'right');
    }
  };

  const run = async () => {
    said.replaceChildren();
    if (!globalThis.crypto?.subtle) {
      say(_('This browser cannot check hashes here. Run: geoagent verify REPORT.html'), 'unknown');
      return;
    }
    for (const trace of document.querySelectorAll('pre.trace')) {
      try {
        await check(trace.dataset.name, trace.textContent);
      } catch (error) {
        const words = error.name === 'NotSupportedError'
          ? _('this browser cannot check Ed25519 signatures; a newer one can, and so can: geoagent verify REPORT.html')
          : _('it is no trace, or is damaged. Do not rely on this report.');
        say(`${trace.dataset.name}: ${words}`, error.name === 'NotSupportedError' ? 'unknown' : 'wrong');
      }
    }
    said.dataset.done = 'true';
  };

  // UTC stays in the title; with a clock that cannot be asked the words stay as they are.
  const language = document.documentElement.lang;
  const clock = new Intl.DateTimeFormat(`${language === 'en' ? 'en-GB' : language}-u-nu-latn`, {
    year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'short',
  });
  for (const time of document.querySelectorAll('time[datetime]')) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.removeAttribute('dir'); // of the words in UTC
    time.textContent = clock.format(moment);
  }
  run();
})();
