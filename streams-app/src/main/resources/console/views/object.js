// One object: its photos in the order of folding and what each changed, its nearest neighbours, its ledger.
import { html, nothing } from '../lib/lit-html.js';
import { repeat } from '../lib/directives/repeat.js';
import { Problem, Resource, address, get, imageAddress, request } from '../api.js';
import { chart } from '../charts.js';
import * as icons from '../icons.js';
import { live } from '../live.js';
import { attributes, confirm, drawer, empty, neighbours, of, photo, table, time, toast } from '../parts.js';
import * as text from '../text.js';

const FOLDS = 64;
const NEIGHBOURS = 12;
const ROWS = 50;
const WAIT_S = 20;
const REST_MS = 1500; // histories are computed: not for each photo of a burst

export function open(place, { id }) {
  let gone = false;
  let busy = '';
  let rows = ROWS;
  let agreement;
  let charted; // the history that the chart shows
  let restless;
  let seen = 0; // the sequence that the slower parts show

  const object = new Resource(
    signal => get(['objects', id], { ledger: true }, { signal }),
    () => {
      gone = object.problem?.status === 404;
      if (object.data && !object.problem && object.data.sequence !== seen) {
        seen = object.data.sequence;
        history.refresh();
        similar.refresh();
      }
      draw();
    },
  );
  const history = new Resource(signal => get(['objects', id, 'history'], { limit: FOLDS }, { signal }), draw);
  const similar = new Resource(signal => get(['objects', id, 'similar'], { k: NEIGHBOURS }, { signal }), draw);

  function later() {
    restless ??= setTimeout(() => {
      restless = undefined;
      object.refresh();
    }, REST_MS);
  }

  const stop = live.follow({
    embedding: each => each.objectId === id && (object.data?.sequence ?? 0) < each.sequence && later(),
    gone: each => each === id && object.refresh(),
    stale: () => {
      seen = 0; // perhaps another space: neighbours and history are others
      object.refresh();
    },
  });

  /** Writes, and tells how it went. */
  async function write(doing, url, options, done) {
    busy = doing;
    draw();
    try {
      const written = await request(url, options);
      toast(written.outcome === 'written' ? 'It is written to Kafka, and will be folded as soon as its turn comes.' : done(written));
      await object.refresh();
    } catch (e) {
      toast(e instanceof Problem ? refusal(e) : String(e), true);
    }
    busy = '';
    draw();
  }

  const refusal = problem => (problem.status === 401 ? 'Changing objects takes a token with the right to write.' : problem.message);

  async function add(event) {
    const files = [...event.target.files];
    event.target.value = '';
    for (const [i, file] of files.entries()) {
      const form = new FormData();
      form.append('image', file, 'blob'); // without its name, so with its hash for an id: many a camera calls all photos alike
      form.append('source', 'console');
      await write(
        files.length > 1 ? `Adding photo ${i + 1} of ${files.length}` : 'Adding the photo',
        address(['objects', id, 'images'], { wait: WAIT_S }),
        { method: 'POST', body: form },
        written => (written.outcome === 'duplicate' ? 'This photo is there already; nothing changed.' : 'The photo is folded in.'),
      );
    }
  }

  async function remove(imageId) {
    const last = object.data.imageCount === 1;
    if (
      await confirm(
        'Remove this photo?',
        last ? `It is the only photo of ${id}, so the object goes with it.` : `${id} is folded again without ${imageId}.`,
        last ? 'Remove photo and object' : 'Remove the photo',
      )
    ) {
      await write(
        'Removing the photo',
        address(['objects', id, 'images', imageId], { wait: WAIT_S }),
        { method: 'DELETE' },
        () => 'The photo is removed.',
      );
    }
  }

  async function destroy() {
    if (
      await confirm(
        `Delete ${id}?`,
        `The object and ${object.data.imageCount === 1 ? 'its photo' : `all its ${text.count(object.data.imageCount)} photos`} are
      deleted from the application. This cannot be undone here.`,
        'Delete the object',
      )
    ) {
      await write('Deleting the object', address(['objects', id], { wait: WAIT_S }), { method: 'DELETE' }, () => 'The object is deleted.');
    }
  }

  const strip = ({ folds, imageCount }) => {
    const most = Math.max(...folds.map(fold => fold.moved), 1);
    return html`<ol class="strip" tabindex="0" aria-label="Photos in the order of folding">
        ${repeat(
          folds,
          fold => fold.imageId + fold.sequence,
          (fold, i) =>
            html`<li>
              <a href=${imageAddress(id, fold.imageId)} target="_blank" rel="noopener" title=${fold.imageId}
                >${photo(id, fold.imageId, 256, `Photo ${i + 1}: ${fold.imageId}`)}</a
              >
              <span class="moved" aria-hidden="true"><span style="--share:${fold.moved / most}"></span></span>
              <span class="number"
                ><span class="unseen">moved the embedding by</span> ${i === 0 ? 'first' : fold.moved.toFixed(1) + '°'}</span
              >
            </li>`,
        )}
      </ol>
      ${imageCount > folds.length ? html`<p class="muted">The first ${folds.length} of ${text.count(imageCount)} photos.</p>` : nothing}`;
  };

  const near = data => (data.neighbours.length ? neighbours(data.neighbours) : html`<p class="muted">There is no other object yet.</p>`);

  const hidden = name => html`<span class="unseen">${name}</span>`;

  const ledger = entries =>
    html`${table(
      'Ledger',
      [hidden('Preview'), 'Photo', 'No.', 'Arrived', 'Captured', 'Source', 'Content', hidden('Remove')],
      entries
        .slice()
        .reverse()
        .slice(0, rows)
        .map(entry => [
          html`<a href=${imageAddress(id, entry.imageId)} target="_blank" rel="noopener" tabindex="-1" aria-hidden="true"
            >${photo(id, entry.imageId, 64)}</a
          >`,
          html`<span class="id">${entry.imageId}</span>${
              entry.attributes && Object.keys(entry.attributes).length
                ? html`<span class="muted small"
                    >${Object.entries(entry.attributes)
                      .map(([key, value]) => `${key}: ${value}`)
                      .join(' · ')}</span
                  >`
                : nothing
            }`,
          html`<span class="number">${entry.sequence}</span>`,
          time(entry.arrivedAt),
          entry.capturedAt ? text.instant(entry.capturedAt) : '–',
          entry.source || '–',
          html`<span title=${entry.uri ?? 'It came with its event'}
            >${entry.uri ? 'by reference' : 'by value'} · <code title=${entry.sha256}>${entry.sha256.slice(0, 8)}</code></span
          >`,
          html`<button
            type="button"
            class="icon-button"
            ?disabled=${busy}
            aria-label="Remove photo ${entry.imageId}"
            title="Remove this photo"
            @click=${() => remove(entry.imageId)}
          >
            ${icons.trash}
          </button>`,
        ]),
    )}
    ${
      entries.length > rows
        ? html`<button
            type="button"
            class="button"
            @click=${() => {
              rows += 10 * ROWS;
              draw();
            }}
          >
            Show more of ${text.count(entries.length)}
          </button>`
        : nothing
    }`;

  function head(data) {
    return html`<section class="object-head" aria-label="Summary">
      <a class="object-photo" href=${imageAddress(id, data.lastImageId)} target="_blank" rel="noopener"
        >${photo(id, data.lastImageId, 512, `Last photo of ${id}`, true)}</a
      >
      <div>
        <dl class="facts">
          <div>
            <dt>Photos</dt>
            <dd>${text.count(data.imageCount)}</dd>
          </div>
          <div>
            <dt>Changes</dt>
            <dd>${text.count(data.sequence)}</dd>
          </div>
          <div>
            <dt>Last change</dt>
            <dd>${time(data.updatedAt)}</dd>
          </div>
          <div>
            <dt>Model</dt>
            <dd title=${data.modelVersion}>${data.modelVersion}</dd>
          </div>
        </dl>
        ${attributes(data.attributes)}
        <div class="buttons">
          <label class="button ${busy ? 'disabled' : ''}"
            >${icons.plus}<span>Add photos</span>
            <input type="file" class="unseen" accept="image/jpeg,image/png,image/webp,image/gif" multiple ?disabled=${busy} @change=${add}
          /></label>
          <button type="button" class="button quiet-danger" ?disabled=${busy} @click=${destroy}>${icons.trash}<span>Delete</span></button>
          <span class="muted" role="status">${busy ? busy + '…' : ''}</span>
        </div>
      </div>
    </section>`;
  }

  const drawing = drawer(
    place,
    () =>
      html`<p class="crumbs"><a href="#/">Wall</a></p>
        <div class="heading"><h1 class="id">${id}</h1></div>
        ${
          gone
            ? empty(
                'There is no such object',
                'None of its photos has been folded, or it was deleted.',
                html`<a class="button" href="#/">To the wall</a>`,
              )
            : html`${of(object, head, 4)}
                <section aria-labelledby="grew">
                  <h2 id="grew">How it grew</h2>
                  <p class="muted">Its photos in the order of folding; the bar says by what angle each moved the embedding.</p>
                  ${of(history, strip, 2)}
                </section>
                <section aria-labelledby="agrees" ?hidden=${!history.data || history.data.folds.length < 2}>
                  <h2 id="agrees">Agreement</h2>
                  <p class="muted">How close the embedding was after each photo to what it is with all of them: 1 is the same.</p>
                  <div class="chart" id="agreement"></div>
                </section>
                <section aria-labelledby="near">
                  <h2 id="near">Nearest neighbours</h2>
                  ${of(similar, near, 2)}
                </section>
                <section aria-labelledby="ledger">
                  <h2 id="ledger">Ledger</h2>
                  ${object.data?.ledger ? ledger(object.data.ledger) : nothing}
                </section>`
        }`,
  );

  function draw() {
    drawing.now();
    const box = place.querySelector('#agreement');
    if (box && history.data?.folds.length > 1 && (charted !== history.data || !box.firstElementChild)) {
      charted = history.data;
      if (!box.firstElementChild) {
        agreement?.close();
        agreement = chart(box, 'Agreement with the embedding of all photos', { x: 'photo', zero: false, max: 1 });
      }
      // Rounding may give a little more than 1, which the axis would leave out.
      const points = history.data.folds.map((fold, i) => [i + 1, Math.min(1, fold.agreement)]);
      agreement.show(
        [{ name: 'agreement', points }],
        `From ${points[0][1].toFixed(3)} with one photo to ${points.at(-1)[1].toFixed(3)} with ${points.length}`,
      );
    }
  }

  const beat = setInterval(draw, 15_000);
  draw();
  object.refresh();

  return {
    close() {
      stop();
      [object, history, similar].forEach(each => each.close());
      agreement?.close();
      drawing.close();
      clearInterval(beat);
      clearTimeout(restless);
    },
  };
}
