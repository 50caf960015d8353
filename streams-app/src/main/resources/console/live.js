// The one stream of changes of this page. A browser allows few connections to a server, so views share it, and a hidden page has none.
import { events, get } from './api.js';

const HIDDEN_MS = 20_000;
const SLOWEST_MS = 15_000;

class Live extends EventTarget {
  #followers = new Set();
  #source;
  #vectors = false;
  #failures = 0;
  #retry;
  #hidden;
  state = 'idle'; // 'connecting', 'live', 'reconnecting', 'paused'

  constructor() {
    super();
    document.addEventListener('visibilitychange', () => this.#visibility());
    addEventListener('pagehide', () => this.#close('paused'));
    addEventListener('pageshow', event => event.persisted && this.#open());
    events.addEventListener('token', () => this.#followers.size && this.#open());
  }

  /**
   * Follows the changes until the returned function is called.
   *
   * embedding(object), gone(objectId); stale(): changes may have been missed, or another space began, so what is shown is to be read anew.
   */
  follow(follower) {
    this.#followers.add(follower);
    this.#adapt();
    return () => {
      this.#followers.delete(follower);
      queueMicrotask(() => this.#adapt()); // the next view may follow at once
    };
  }

  #adapt() {
    if (this.#followers.size === 0) {
      this.#close('idle');
      return;
    }
    const vectors = [...this.#followers].some(each => each.vectors);
    if ((!this.#source && !this.#retry) || (vectors && !this.#vectors)) {
      this.#open();
    }
  }

  #visibility() {
    clearTimeout(this.#hidden);
    if (document.hidden) {
      this.#hidden = setTimeout(() => this.#close('paused'), HIDDEN_MS);
    } else if (this.state === 'paused' && this.#followers.size) {
      this.#open();
    }
  }

  #open() {
    this.#close('connecting');
    this.#vectors = [...this.#followers].some(each => each.vectors);
    const source = (this.#source = new EventSource(`v1/embeddings/stream?vectors=${this.#vectors}`));
    let first = true;
    source.onopen = () => {
      this.#failures = 0;
      this.#to('live');
      if (first) {
        first = false; // the browser's own reconnections miss nothing
        this.#tell('stale');
      }
    };
    source.onerror = () => {
      if (source !== this.#source) {
        return;
      }
      if (source.readyState === EventSource.CLOSED) {
        this.#later();
      } else {
        this.#to('reconnecting');
      }
    };
    source.addEventListener('embedding', event => this.#tell('embedding', JSON.parse(event.data)));
    source.addEventListener('gone', event => this.#tell('gone', JSON.parse(event.data).objectId));
    source.addEventListener('space', () => this.#tell('stale'));
  }

  /** The browser gave up (an error was answered): it is tried again from here. */
  #later() {
    this.#close('reconnecting');
    const wait = Math.min(SLOWEST_MS, 1000 * 2 ** this.#failures++);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.#followers.size) {
        get(['models']).then(
          () => this.#followers.size && this.#open(),
          () => this.#followers.size && this.#later(),
        ); // tells, unlike EventSource, that a token is needed
      }
    }, wait);
  }

  #close(state) {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#source?.close();
    this.#source = undefined;
    this.#to(state);
  }

  #to(state) {
    if (this.state !== state) {
      this.state = state;
      this.dispatchEvent(new Event('state'));
    }
  }

  #tell(what, value) {
    for (const follower of this.#followers) {
      follower[what]?.(value);
    }
  }
}

export const live = new Live();
