// The wall: objects with their last photo, the newest changes first, as they happen.
import { html, nothing } from '../lib/lit-html.js';
import { repeat } from '../lib/directives/repeat.js';
import { Resource, get } from '../api.js';
import { live } from '../live.js';
import { announce, calm, drawer, empty, notice, objectLink, photo, time, waiting } from '../parts.js';
import { query } from '../query.js';
import * as text from '../text.js';

const LOADED = 1000;
const TILES = 200; // in the page at a time
const HELD = 5000; // in memory
const SETTLE_MS = 2500; // tiles change places this often at most
const ANNOUNCE_MS = 15_000;
const AGAIN_MS = 60_000;
const COUNT_MS = 5000;
const DRAW_MS = 250;
const BUCKET_MS = 2000;
const BUCKETS = 60;
const CHIPS = 8;

export function open(place) {
  const objects = new Map();
  const changes = new Map(); // object id to how often it grew since the page was opened
  let order = []; // of the tiles
  let total;
  let whole = false; // all that there are are in memory
  let counting;
  let modelVersion;
  let held = false; // while somebody points at a tile or is on one, tiles stay where they are
  let waits = false;
  let settled = 0;
  let settling;
  let drawing;
  let fresh = 0;
  let grown = 0;
  let asked = '';
  const rates = Array(BUCKETS).fill(0);

  const list = new Resource(
    signal => get(['objects'], { limit: LOADED, filter: query.filters }, { signal }),
    () => {
      if (list.data && !list.problem) {
        take(list.data);
      }
      draw();
    },
  );

  function take(data) {
    const streamed = new Map([...objects].filter(([id]) => changes.has(id)));
    objects.clear();
    for (const each of data.objects) {
      const known = streamed.get(each.objectId);
      objects.set(each.objectId, known && known.sequence > each.sequence ? known : each);
      query.learn(each);
    }
    total = data.total;
    whole = objects.size === total;
    counting = clearTimeout(counting);
    modelVersion = data.modelVersion;
    settle();
  }

  const matching = () =>
    [...objects.values()]
      .filter(each => query.matches(each))
      .sort((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt) || (a.objectId < b.objectId ? -1 : 1));

  /** Puts the newest first, now or when tiles may move again. */
  function settle(now = false) {
    clearTimeout(settling);
    settling = undefined;
    const wait = settled + SETTLE_MS - Date.now();
    if (held && !now) {
      waits = true;
    } else if (wait > 0 && !now) {
      settling = setTimeout(settle, wait);
    } else {
      settled = Date.now();
      waits = false;
      const before = positions();
      order = matching();
      draw.now();
      glide(before);
    }
  }

  /** Photos come faster than anybody looks. */
  function soon() {
    drawing ??= setTimeout(() => {
      drawing = undefined;
      draw();
    }, DRAW_MS);
  }

  const tiles = () => [...place.querySelectorAll('.wall > li')];
  const positions = () => (calm() ? undefined : new Map(tiles().map(tile => [tile.dataset.id, tile.getBoundingClientRect()])));

  /** Within a row tiles glide to where they are now; those that come from elsewhere appear, so that none crosses others. */
  function glide(before) {
    if (!before) {
      return;
    }
    const moves = tiles()
      .map(tile => [tile, before.get(tile.dataset.id), tile.getBoundingClientRect()])
      .filter(([, , to]) => to.top < innerHeight && to.bottom > 0);
    for (const [tile, from, to] of moves) {
      if (!from || Math.abs(from.top - to.top) > 1) {
        tile.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 400, easing: 'ease-out' });
      } else if (from.left !== to.left) {
        tile.animate([{ transform: `translateX(${from.left - to.left}px)` }, { transform: 'none' }], {
          duration: 450,
          easing: 'cubic-bezier(.2, .7, .2, 1)',
        });
      }
    }
  }

  const stop = live.follow({
    embedding(object) {
      const known = objects.get(object.objectId);
      rates[BUCKETS - 1]++;
      if (known && known.sequence >= object.sequence) {
        return; // what the list had already
      }
      query.learn(object);
      objects.set(object.objectId, object);
      changes.set(object.objectId, (changes.get(object.objectId) ?? 0) + 1);
      grown++;
      if (!known) {
        fresh++;
        if (whole) {
          total = objects.size;
        } else {
          counting ??= setTimeout(() => list.refresh(), COUNT_MS); // it may be one that was not loaded
        }
        if (objects.size > HELD) {
          objects.delete(order.at(-1)?.objectId);
        }
      }
      const at = order.findIndex(each => each.objectId === object.objectId);
      if (at >= 0) {
        order[at] = object;
        soon();
      }
      settling ?? settle();
    },
    gone(objectId) {
      if (objects.delete(objectId)) {
        total--;
        changes.delete(objectId);
        order = order.filter(each => each.objectId !== objectId);
        draw();
      }
    },
    stale: () => list.refresh(),
  });

  const hold = value => () => {
    held = value;
    if (!held && waits) {
      settle();
    }
  };
  const left = event => event.currentTarget.contains(event.relatedTarget) || hold(false)();

  function facets() {
    const found = new Map();
    for (const each of objects.values()) {
      for (const [key, value] of Object.entries(each.attributes)) {
        found.set(`${key}:${value}`, (found.get(`${key}:${value}`) ?? 0) + 1);
      }
    }
    const on = new Set(query.filters);
    const often = [...found]
      .filter(([filter, times]) => on.has(filter) || (times > 1 && times < objects.size))
      .sort((a, b) => on.has(b[0]) - on.has(a[0]) || b[1] - a[1])
      .slice(0, CHIPS)
      .map(([filter]) => filter);
    return [...new Set([...on, ...often])];
  }

  const tile = each => {
    const times = changes.get(each.objectId) ?? 0;
    return html`<li data-id=${each.objectId}>
      <a class="tile ${times ? (times % 2 ? 'grew odd' : 'grew even') : ''}" href=${objectLink(each.objectId)}>
        ${photo(each.objectId, each.lastImageId, 256)}
        <span class="tile-name" title=${each.objectId}>${each.objectId}</span>
        <span class="tile-facts"><span>${text.plural(each.imageCount, 'photo')}</span>${time(each.updatedAt)}</span></a
      >
    </li>`;
  };

  function spark() {
    const top = Math.max(...rates, 1);
    return html`<svg class="spark" viewBox="0 0 ${BUCKETS * 3} 24" preserveAspectRatio="none" aria-hidden="true">
      <path d=${rates.map((value, i) => (value ? `M${i * 3 + 1} 24v-${((value / top) * 22 + 1).toFixed(1)}` : '')).join('')}></path>
    </svg>`;
  }

  function rate() {
    const last = rates.slice(-6, -1);
    return last.reduce((sum, value) => sum + value, 0) / ((last.length * BUCKET_MS) / 1000);
  }

  function body() {
    if (list.data === undefined) {
      return list.problem ? nothing : waiting(12);
    }
    if (objects.size === 0 && !query.text) {
      return empty(
        'No objects yet',
        'As soon as the first photo has been folded, its object appears here.',
        html`Send photos with <code>accrete ingest DIR</code>.`,
      );
    }
    if (order.length === 0) {
      return empty(
        'Nothing matches',
        html`No object among the ${text.count(objects.size)} that are loaded has “${query.text}” in its id or attributes.`,
        html`<button type="button" class="button" @click=${() => query.set('')}>Show all</button>`,
      );
    }
    return html`<ul class="wall" @pointerenter=${hold(true)} @pointerleave=${hold(false)} @focusin=${hold(true)} @focusout=${left}>
        ${repeat(order.slice(0, TILES), each => each.objectId, tile)}
      </ul>
      ${
        order.length > TILES
          ? html`<p class="muted center">The ${TILES} of ${text.count(order.length)} that changed last. Search to find the others.</p>`
          : query.text && total > objects.size && !query.filters.length
            ? html`<p class="muted center">
                Looked for among the ${text.count(objects.size)} of ${text.count(total)} objects that changed last.
              </p>`
            : nothing
      }`;
  }

  const draw = drawer(place, () => {
    const chips = facets();
    return html`<div class="heading">
        <h1>Wall</h1>
        <dl class="facts">
          <div>
            <dt>Objects</dt>
            <dd>${total === undefined ? '–' : text.count(total)}</dd>
          </div>
          <div>
            <dt>Changes a second</dt>
            <dd class="rate"><span>${rate().toFixed(1)}</span>${spark()}</dd>
          </div>
          <div>
            <dt>Model</dt>
            <dd title=${modelVersion ?? ''}>${modelVersion ?? '–'}</dd>
          </div>
        </dl>
      </div>
      ${
        chips.length
          ? html`<div class="chips" role="group" aria-label="Filter by attribute">
              ${chips.map(
                filter =>
                  html`<button
                    type="button"
                    class="chip"
                    aria-pressed=${query.filters.includes(filter)}
                    @click=${() => query.toggle(filter)}
                  >
                    ${filter.replace(':', ': ')}
                  </button>`,
              )}
            </div>`
          : nothing
      }
      ${notice(list.problem)}${body()}`;
  });

  const search = () => {
    const filters = query.filters.join('\n');
    if (filters !== asked) {
      asked = filters;
      list.restart();
    }
    settle(true);
  };
  query.addEventListener('change', search);
  asked = query.filters.join('\n');

  const beat = setInterval(() => {
    rates.push(0);
    rates.shift();
    draw();
  }, BUCKET_MS);
  const again = setInterval(() => document.hidden || list.refresh(), AGAIN_MS);
  const tell = setInterval(() => {
    if (grown) {
      announce(`${text.plural(grown, 'change')}${fresh ? `, ${text.plural(fresh, 'new object')}` : ''}.`);
      grown = fresh = 0;
    }
  }, ANNOUNCE_MS);
  list.refresh();

  return {
    close() {
      stop();
      list.close();
      draw.close();
      [beat, again, tell].forEach(clearInterval);
      clearTimeout(settling);
      clearTimeout(drawing);
      clearTimeout(counting);
      query.removeEventListener('change', search);
    },
  };
}
