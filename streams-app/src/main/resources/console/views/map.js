// The map: objects on the plane of the two principal components, and how they move as photos come.
import { html, nothing } from '../lib/lit-html.js';
import { Resource, get, imageAddress } from '../api.js';
import * as icons from '../icons.js';
import { live } from '../live.js';
import { calm, drawer, empty, notice, objectLink, photo, waiting } from '../parts.js';
import { Plane } from '../plane.js';
import * as text from '../text.js';

const POINTS = 2000;
const AGAIN_MS = 60_000;
const ZOOM = 1.5;
const STEP = 60;
const LISTED = 200;

export function open(place) {
  let space; // { mean, axes, modelVersion } by which vectors of the stream are put on the plane
  let hovered;
  let listed = false;
  let plane;
  let drawing;

  const map = new Resource(
    signal => get(['map'], { limit: POINTS }, { signal }),
    () => {
      if (map.data && !map.problem) {
        space = map.data;
        ensure()?.points(map.data.points, map.data.total > map.data.points.length);
      }
      draw();
    },
  );

  function ensure() {
    draw.now();
    const canvas = place.querySelector('canvas');
    if (canvas && !plane) {
      plane = new Plane(canvas, {
        thumbnail: point => imageAddress(point.objectId, point.lastImageId, 96),
        hover,
        still: calm,
        choose: point => {
          location.hash = objectLink(point.objectId);
        },
      });
    }
    return plane;
  }

  function hover(point, x, y) {
    if (point || hovered) {
      hovered = point && { objectId: point.objectId, lastImageId: point.lastImageId, x, y };
      draw();
    }
  }

  const dot = (a, b) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) {
      sum += (a[i] - space.mean[i]) * b[i];
    }
    return sum;
  };

  const stop = live.follow({
    vectors: true,
    embedding(object) {
      if (space && plane && object.embedding && object.modelVersion === space.modelVersion) {
        plane.move({
          objectId: object.objectId,
          lastImageId: object.lastImageId,
          x: dot(object.embedding, space.axes[0]),
          y: dot(object.embedding, space.axes[1]),
        });
        drawing ??= setTimeout(() => {
          drawing = undefined;
          draw();
        }, 500);
      }
    },
    gone(objectId) {
      plane?.remove(objectId);
      draw();
    },
    stale: () => map.refresh(),
  });

  const tools = () =>
    html`<div class="map-tools" role="group" aria-label="Map">
      <button type="button" class="icon-button" aria-label="Closer" title="Closer (+)" @click=${() => plane.zoom(ZOOM)}>
        ${icons.plus}
      </button>
      <button type="button" class="icon-button" aria-label="Farther" title="Farther (−)" @click=${() => plane.zoom(1 / ZOOM)}>
        ${icons.minus}
      </button>
      <button type="button" class="icon-button" aria-label="Show all" title="Show all (0)" @click=${() => plane.fit()}>${icons.fit}</button>
    </div>`;

  function key(event) {
    const does = {
      '+': () => plane.zoom(ZOOM),
      '=': () => plane.zoom(ZOOM),
      '-': () => plane.zoom(1 / ZOOM),
      0: () => plane.fit(),
      ArrowLeft: () => plane.pan(STEP, 0),
      ArrowRight: () => plane.pan(-STEP, 0),
      ArrowUp: () => plane.pan(0, STEP),
      ArrowDown: () => plane.pan(0, -STEP),
    }[event.key];
    if (does && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      does();
    }
  }

  function tip() {
    const width = place.querySelector('.map')?.clientWidth ?? 0;
    return hovered
      ? html`<div
          class="map-tip ${hovered.x > width - 210 ? 'left' : ''}"
          style="left:${hovered.x}px;top:${hovered.y}px"
          aria-hidden="true"
        >
          ${photo(hovered.objectId, hovered.lastImageId, 256, '', true)}<span class="id">${hovered.objectId}</span>
        </div>`
      : nothing;
  }

  function list() {
    const ids = listed && plane ? plane.ids() : [];
    return html`<details
      class="numbers"
      @toggle=${event => {
        listed = event.target.open;
        draw();
      }}
    >
      <summary>The objects as a list</summary>
      <ul class="id-list">
        ${ids.slice(0, LISTED).map(id => html`<li><a href=${objectLink(id)}>${id}</a></li>`)}
      </ul>
      ${ids.length > LISTED ? html`<p class="muted">${LISTED} of ${text.count(ids.length)}.</p>` : nothing}
    </details>`;
  }

  const draw = drawer(place, () => {
    const some = map.data && (plane?.size ?? map.data.points.length) > 0;
    return html`<div class="heading">
        <h1>Map</h1>
        <dl class="facts">
          <div>
            <dt>Objects shown</dt>
            <dd>${map.data ? text.count(plane?.size ?? 0) : '–'}</dd>
          </div>
          <div>
            <dt>of</dt>
            <dd>${map.data ? text.count(Math.max(map.data.total, plane?.size ?? 0)) : '–'}</dd>
          </div>
          <div>
            <dt>Model</dt>
            <dd title=${space?.modelVersion ?? ''}>${space?.modelVersion ?? '–'}</dd>
          </div>
        </dl>
      </div>
      <p class="muted">
        Objects whose embeddings are alike lie close, as far as two dimensions can show it: the two principal components. They move as
        photos come.
      </p>
      ${notice(map.problem)} ${map.data === undefined && !map.problem ? waiting(6) : nothing}
      ${map.data && !some ? empty('No objects yet', 'The map begins with the first photo.') : nothing}
      <div class="map" ?hidden=${!some}>
        <canvas
          tabindex="0"
          role="application"
          aria-roledescription="map"
          @keydown=${key}
          aria-label="Map of ${plane?.size ?? 0} objects. Arrow keys move it, plus and minus zoom, 0 shows all. They are listed below."
        ></canvas
        >${tools()}${tip()}
      </div>
      ${some ? list() : nothing}`;
  });

  const again = setInterval(() => document.hidden || map.refresh(), AGAIN_MS);
  draw();
  map.refresh();

  return {
    close() {
      stop();
      map.close();
      plane?.close();
      draw.close();
      clearInterval(again);
      clearTimeout(drawing);
    },
  };
}
