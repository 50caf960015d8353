// Accrete from JavaScript, without packages: Node.js 20 or newer, and browsers (import it, and use what it exports).
//
//   node accrete.mjs follow FILE            keeps the embeddings of all objects in FILE and prints what changes, until Ctrl-C
//   node accrete.mjs nearest FILE OBJECT    the objects nearest to one, by exact search in FILE
//   node accrete.mjs add OBJECT PHOTO       adds a photo to an object, and waits until its embedding reflects it
//   node accrete.mjs search PHOTO           the objects nearest to a photo, as the application finds them
//
// ACCRETE_URL says where it is (http://127.0.0.1:8080), ACCRETE_TOKEN is sent where tokens are asked for.

const SILENCE = 60_000; // milliseconds; the stream says something at least every 15 seconds
const AGAIN = new Set([429, 500, 502, 503, 504]);
const sleep = millis => new Promise(wake => setTimeout(wake, millis));

/** The application, by its address and, where asked for, a token. */
export class Accrete {
  constructor(url = '', token = undefined) {
    this.url = url.replace(/\/$/, '');
    this.headers = token ? { Authorization: `Bearer ${token}` } : {};
  }

  /** The answer; fails with what the application says, `error.status` being the status. */
  async ask(path, options = {}) {
    const answer = await fetch(this.url + path, { ...options, headers: { ...this.headers, ...options.headers } });
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail ?? answer.statusText), { status: answer.status });
  }

  /** Adds a photo (a Blob); returns what became of it. The same photo under the same name changes nothing. */
  async add(objectId, photo, name, wait = 30) {
    const form = new FormData();
    form.append('imageId', name);
    form.append('image', photo, name);
    const path = `/v1/objects/${encodeURIComponent(objectId)}/images?wait=${wait}`;
    return (await this.ask(path, { method: 'POST', body: form })).json();
  }

  /** The objects nearest to a photo (a Blob), in all instances. */
  async search(photo, k = 10) {
    const options = { method: 'POST', body: photo, headers: { 'Content-Type': photo.type || 'image/*' } };
    return (await (await this.ask(`/v1/similar?k=${k}`, options)).json()).neighbours;
  }

  /**
   * What the stream sends from a place on, until it ends: {type, data, place}, place being where to go on. Without data, only that is told.
   * Not EventSource, which can send no token, and does not remember its place when a page is loaded again.
   */
  async *events(place, signal) {
    const ended = new AbortController();
    const end = () => ended.abort();
    let silence = setTimeout(end, SILENCE);
    signal?.addEventListener('abort', end);
    try {
      const headers = place ? { 'Last-Event-ID': place } : {};
      const answer = await this.ask('/v1/embeddings/stream?from=beginning', { headers, signal: ended.signal });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      let event = { type: 'message' };
      for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
        clearTimeout(silence);
        silence = setTimeout(end, SILENCE);
        const lines = (rest + value).split('\n');
        rest = lines.pop();
        for (const line of lines) {
          const [, field, content] = /^([^:]*):? ?(.*)$/.exec(line);
          if (field === 'id') place = content;
          else if (field === 'event') event.type = content;
          else if (field === 'data') event.data = JSON.parse(content);
          else if (line === '') {
            yield { ...event, place };
            event = { type: 'message' };
          }
        }
      }
    } finally {
      clearTimeout(silence);
      signal?.removeEventListener('abort', end);
      end();
    }
  }
}

/** The current embedding of every object, and the place in the stream; both saved together, nothing is missed or kept twice. */
export class Embeddings {
  place;
  version;
  complete = false;
  vectors = new Map();

  /** What JSON.stringify gives is read by this. */
  static from(text) {
    const { place, version, complete, vectors } = JSON.parse(text);
    return Object.assign(new Embeddings(), { place, version, complete, vectors: new Map(vectors) });
  }

  toJSON() {
    return { place: this.place, version: this.version, complete: this.complete, vectors: [...this.vectors] };
  }

  take({ type, data, place }) {
    if (type === 'space') { // vectors of two model versions have nothing to do with each other
      this.version = data.modelVersion;
      if (data.reset) {
        this.vectors.clear();
        this.complete = false;
      }
    } else if (type === 'embedding') this.vectors.set(data.objectId, data.embedding);
    else if (type === 'gone') this.vectors.delete(data.objectId);
    else if (type === 'caught-up') this.complete = true;
    this.place = place;
  }

  /** Goes on until the signal aborts; `changed` is awaited after each event. */
  async follow(accrete, changed = () => {}, signal = undefined) {
    for (let pause = 1000; !signal?.aborted; pause = Math.min(2 * pause, 30_000)) {
      const stream = accrete.events(this.place, signal);
      try {
        for (let next = await stream.next(); !next.done; next = await stream.next()) {
          this.take(next.value);
          await changed(next.value);
          pause = 1000;
        }
      } catch (error) {
        if (error.status && !AGAIN.has(error.status)) throw error; // else it is not there now, and goes on where it was
      }
      if (!signal?.aborted) await sleep(pause);
    }
  }

  /** Exact search: vectors have unit length, so their inner product says how alike they are. */
  nearest(objectId, k = 10) {
    const query = this.vectors.get(objectId);
    if (!query) throw new Error(`There is no object '${objectId}'`);
    const score = vector => vector.reduce((sum, value, i) => sum + value * query[i], 0);
    return [...this.vectors].filter(([other]) => other !== objectId)
      .map(([other, vector]) => ({ objectId: other, score: score(vector) })).sort((a, b) => b.score - a.score).slice(0, k);
  }
}

async function main([command, ...args]) {
  const { existsSync, openAsBlob } = await import('node:fs');
  const { readFile, rename, writeFile } = await import('node:fs/promises');
  const { basename } = await import('node:path');
  const accrete = new Accrete(process.env.ACCRETE_URL ?? 'http://127.0.0.1:8080', process.env.ACCRETE_TOKEN);
  const load = async file => existsSync(file) ? Embeddings.from(await readFile(file, 'utf8')) : new Embeddings();
  const print = found => found.forEach(({ objectId, score }) => console.log(`${score.toFixed(4)}  ${objectId}`));

  if (command === 'follow' && args.length === 1) {
    const [file] = args;
    const embeddings = await load(file);
    const save = async () => {
      await writeFile(`${file}.new`, JSON.stringify(embeddings), { flush: true });
      await rename(`${file}.new`, file); // a kill leaves the old file or the new one
    };
    const stop = new AbortController();
    ['SIGINT', 'SIGTERM'].forEach(signal => process.once(signal, () => stop.abort()));
    let saved = Date.now();
    try {
      await embeddings.follow(accrete, async ({ type, data }) => {
        if (data) console.log(...[type, data.objectId ?? data.modelVersion, data.imageCount].filter(Boolean));
        if (type === 'caught-up' || Date.now() - saved > 10_000) {
          await save();
          saved = Date.now();
        }
      }, stop.signal);
    } finally {
      await save();
    }
  } else if (command === 'nearest' && args.length === 2) {
    print((await load(args[0])).nearest(args[1]));
  } else if (command === 'add' && args.length === 2) {
    const written = await accrete.add(args[0], await openAsBlob(args[1]), basename(args[1]));
    console.log(written.outcome, written.objectId, written.imageId);
  } else if (command === 'search' && args.length === 1) {
    print(await accrete.search(await openAsBlob(args[0])));
  } else {
    console.error('Usage: node accrete.mjs follow FILE | nearest FILE OBJECT | add OBJECT PHOTO | search PHOTO');
    process.exitCode = 2;
  }
}

const isProgram = async () => (await import('node:url')).pathToFileURL(process.argv[1]).href === import.meta.url;
if (typeof process !== 'undefined' && process.argv?.[1] && await isProgram()) {
  await main(process.argv.slice(2)).catch(error => {
    console.error(`Failed: ${error.message}`);
    process.exitCode = 1;
  });
}
