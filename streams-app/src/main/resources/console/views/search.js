// Search by photo: dropped anywhere, pasted or chosen.
import { html, nothing } from '../lib/lit-html.js';
import { Problem, address, request } from '../api.js';
import * as icons from '../icons.js';
import { announce, drawer, empty, neighbours, notice, waiting } from '../parts.js';
import * as text from '../text.js';

const NUMBERS = [5, 10, 20, 50, 100];

// Kept while the page is: whoever looks at a result and comes back finds the others again.
let file;
let preview;
let k = 10;
let filter = '';
let found;
let problem;
let abort;
let millis;
let changed = () => {};

/** Searches for a photo; the view shows what comes of it. */
export async function ask(given = file) {
  if (!given) {
    return;
  }
  if (given !== file) {
    file = given;
    found = undefined;
    preview && URL.revokeObjectURL(preview);
    preview = URL.createObjectURL(file);
  }
  abort?.abort();
  const mine = (abort = new AbortController());
  problem = undefined;
  changed();
  const began = performance.now();
  try {
    const filters = filter
      .split(',')
      .map(each => each.trim())
      .filter(each => each);
    const answer = await request(address(['similar'], { k, filter: filters }), {
      method: 'POST',
      body: file,
      type: file.type || 'application/octet-stream',
      signal: mine.signal,
    });
    found = answer;
    millis = performance.now() - began;
    announce(
      answer.neighbours.length
        ? `${text.plural(answer.neighbours.length, 'object')} found. The nearest is ${answer.neighbours[0].objectId}.`
        : 'No object found.',
    );
  } catch (e) {
    if (e.name === 'AbortError') {
      return;
    }
    problem = e instanceof Problem ? e : new Problem(-1, 'The console failed', String(e));
  }
  abort = undefined;
  changed();
}

export function open(place) {
  const choose = event => {
    ask(event.target.files[0]);
    event.target.value = '';
  };
  const result = () => {
    if (problem) {
      return notice(problem, () => ask());
    }
    if (!found) {
      return waiting(6);
    }
    if (!found.neighbours.length) {
      return empty('Nothing found', filter ? 'No object has these attributes.' : 'There are no objects yet.');
    }
    return html`<p class="muted">
        ${text.plural(found.neighbours.length, 'object')}, the nearest first, in ${text.millis(millis)} · model ${found.modelVersion}
      </p>
      ${neighbours(found.neighbours)}`;
  };

  const draw = drawer(
    place,
    () =>
      html`<div class="heading"><h1>Search by photo</h1></div>
        <div class="search">
          <div class="search-side">
            <label class="drop ${preview ? 'filled' : ''}"
              >${preview ? html`<img src=${preview} alt="The photo that is searched for" />` : nothing}
              <span class="drop-text"
                >${icons.upload}<strong>${preview ? 'Another photo' : 'Drop a photo anywhere'}</strong>
                <span>${preview ? 'drop, paste or choose' : 'paste one, or choose a file'}</span></span
              >
              <input
                type="file"
                class="unseen"
                accept="image/jpeg,image/png,image/webp,image/gif"
                aria-label="Choose a photo"
                @change=${choose}
            /></label>
            <form
              class="fields"
              @submit=${event => {
                event.preventDefault();
                ask();
              }}
            >
              <label
                >Results
                <select
                  @change=${event => {
                    k = Number(event.target.value);
                    ask();
                  }}
                >
                  ${NUMBERS.map(number => html`<option ?selected=${number === k}>${number}</option>`)}
                </select></label
              >
              <label class="wide"
                >Attributes
                <input
                  type="text"
                  placeholder="attribute:value, …"
                  autocomplete="off"
                  spellcheck="false"
                  .value=${filter}
                  @change=${event => {
                    filter = event.target.value;
                    ask();
                  }}
              /></label>
            </form>
          </div>
          <section aria-label="Results" aria-busy=${Boolean(abort)}>
            ${
              file
                ? result()
                : html`<div class="empty">
                    <p class="empty-title">Which object is this?</p>
                    <p>
                      The photo becomes an embedding by the model that is served, and is compared with those of all objects. It is not kept.
                    </p>
                  </div>`
            }
          </section>
        </div>`,
  );
  changed = draw;
  draw();

  return {
    close() {
      changed = () => {};
      draw.close();
    },
  };
}
