// Talks to the API of the instance that served this page. Addresses are relative, so the console also works below a path.

export const events = new EventTarget(); // 'unauthorized': a token is needed; 'token': there is another one

/** What went wrong, as the API said it (RFC 9457) or as it is where nothing answered. */
export class Problem extends Error {
  constructor(status, title, detail, retryAfter) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.retryAfter = retryAfter;
  }

  /** Whether the same may work in a moment. */
  get passes() {
    return this.status === 0 || this.status === 502 || this.status === 503;
  }
}

const COOKIE = 'accrete_token';

export const token = {
  get isSet() {
    return document.cookie.split('; ').some(each => each.startsWith(COOKIE + '='));
  },
  /** What a cookie cannot hold is refused. */
  valid: text => /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(text),
  set(text) {
    document.cookie = `${COOKIE}=${text}; path=/; SameSite=Strict${location.protocol === 'https:' ? '; Secure' : ''}`;
    events.dispatchEvent(new Event('token'));
  },
  forget() {
    document.cookie = `${COOKIE}=; path=/; SameSite=Strict; max-age=0`;
    events.dispatchEvent(new Event('token'));
  },
};

/** An address below /v1: each segment percent-encoded, then the query; undefined values are left out, lists repeated. */
export function address(segments, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat()) {
      if (each !== undefined && each !== null) {
        parameters.append(name, each);
      }
    }
  }
  const text = parameters.toString();
  return 'v1/' + segments.map(encodeURIComponent).join('/') + (text ? '?' + text : '');
}

export const imageAddress = (objectId, imageId, size) => address(['objects', objectId, 'images', imageId], { size });

/** A request with the answer's JSON; throws a Problem. */
export async function request(url, { method = 'GET', body, type, signal, accept = [] } = {}) {
  let answer;
  try {
    answer = await fetch(url, { method, body, signal, headers: type ? { 'Content-Type': type } : {}, cache: 'no-cache' });
  } catch (e) {
    if (e.name === 'AbortError') {
      throw e;
    }
    throw new Problem(0, 'No answer', 'The instance does not answer. It may be starting, or stopped.');
  }
  if (!answer.ok && !accept.includes(answer.status)) {
    throw await problem(answer);
  }
  return answer.json();
}

async function problem(answer) {
  let told = {};
  try {
    told = await answer.json();
  } catch {
    // not the API's own answer, perhaps a proxy's
  }
  if (answer.status === 401) {
    events.dispatchEvent(new Event('unauthorized'));
  }
  const after = Number(answer.headers.get('Retry-After')) || undefined;
  return new Problem(answer.status, told.title || `HTTP ${answer.status}`, told.detail, after);
}

export const get = (segments, query, options) => request(address(segments, query), options);

/**
 * What a view shows of one address: the last data, and the problem if the last try failed. What can pass is tried again, by itself.
 */
export class Resource {
  #fetch;
  #changed;
  #abort;
  #timer;
  #again = false;
  #failures = 0;
  data;
  problem;
  loading = false;

  /** fetch: (signal) => promise of the data; changed: called after every change. */
  constructor(fetch, changed) {
    this.#fetch = fetch;
    this.#changed = changed;
    this.onToken = () => this.problem && this.refresh();
    events.addEventListener('token', this.onToken);
  }

  /** Asks again; while an answer is awaited, one more time after it. */
  async refresh() {
    if (this.loading) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    const abort = (this.#abort = new AbortController());
    this.loading = true;
    try {
      const data = await this.#fetch(abort.signal);
      if (abort.signal.aborted) {
        return;
      }
      this.data = data;
      this.problem = undefined;
      this.#failures = 0;
    } catch (e) {
      if (abort.signal.aborted) {
        return;
      }
      this.problem = e instanceof Problem ? e : new Problem(-1, 'The console failed', String(e));
      if (this.problem.passes) {
        const wait = this.problem.retryAfter ?? Math.min(10, 2 ** this.#failures++);
        this.#timer = setTimeout(() => this.refresh(), wait * 1000);
      }
    }
    this.loading = false;
    this.#changed();
    if (this.#again) {
      this.#again = false;
      this.refresh();
    }
  }

  /** Lets go of what was asked and asks anew. */
  restart() {
    this.#abort?.abort();
    this.loading = false;
    this.#again = false;
    return this.refresh();
  }

  close() {
    this.#abort?.abort();
    clearTimeout(this.#timer);
    this.#again = false;
    events.removeEventListener('token', this.onToken);
  }
}
