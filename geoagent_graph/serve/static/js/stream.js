// The events of one branch, each once and in order, also across lost connections.

const KINDS = ['case', 'step', 'question', 'human', 'note', 'environment', 'failure', 'answer', 'custody', 'signature'];
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 15000;

/**
 * Follows a branch. Calls `onEvent(event)` for every event of the trace, `onState(case)` when the
 * server tells the case's status, `onConnection("open" | "lost" | "refused")`.
 */
export class EventStream {
  constructor(caseApi, { onEvent, onState, onConnection }) {
    this.api = caseApi;
    this.onEvent = onEvent;
    this.onState = onState;
    this.onConnection = onConnection;
    this.last = -1;
    this.wait = FIRST_WAIT_MS;
    this.timer = 0;
    this.closed = false;
    this.connect();
  }

  connect() {
    window.clearTimeout(this.timer);
    this.source?.close();
    if (this.closed) return;
    const query = this.last >= 0 ? { after: this.last } : {};
    this.source = new EventSource(this.api.path('/events', query));
    this.source.addEventListener('open', () => {
      this.wait = FIRST_WAIT_MS;
      this.onConnection('open');
    });
    this.source.addEventListener('error', () => this.failed());
    for (const kind of KINDS) {
      this.source.addEventListener(kind, (message) => this.take(JSON.parse(message.data)));
    }
    this.source.addEventListener('state', (message) => this.onState(JSON.parse(message.data)));
  }

  take(event) {
    if (event.seq <= this.last) return; // told again after a reconnection
    this.last = event.seq;
    this.onEvent(event);
  }

  failed() {
    if (this.closed) return;
    // While it is CONNECTING the browser tries again by itself, with Last-Event-ID.
    const refused = this.source.readyState === EventSource.CLOSED;
    this.onConnection(refused ? 'refused' : 'lost');
    if (!refused) return;
    this.timer = window.setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(this.wait * 2, MAX_WAIT_MS);
  }

  close() {
    this.closed = true;
    window.clearTimeout(this.timer);
    this.source?.close();
  }
}
