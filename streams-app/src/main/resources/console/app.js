// The frame around the views: navigation, search, theme, the token, photos dropped anywhere.
import { html, nothing, render } from './lib/lit-html.js';
import { events, token } from './api.js';
import * as icons from './icons.js';
import { live } from './live.js';
import { drawer, toast } from './parts.js';
import { query } from './query.js';
import { watch } from './stats.js';

const views = [
  { path: '', name: 'Wall', icon: icons.wall, load: () => import('./views/wall.js') },
  { path: 'search', name: 'Search', icon: icons.camera, load: () => import('./views/search.js') },
  { path: 'map', name: 'Map', icon: icons.map, load: () => import('./views/map.js') },
  { path: 'models', name: 'Models', icon: icons.models, load: () => import('./views/models.js') },
  { path: 'training', name: 'Training', icon: icons.training, load: () => import('./views/training.js') },
  { path: 'system', name: 'System', icon: icons.system, load: () => import('./views/system.js') },
];
const object = { path: 'objects', name: 'Object', load: () => import('./views/object.js') };
const themes = [
  { id: 'auto', name: 'the system’s theme', icon: icons.half },
  { id: 'light', name: 'light', icon: icons.sun },
  { id: 'dark', name: 'dark', icon: icons.moon },
];
const states = {
  idle: ['', ''],
  connecting: ['Connecting', 'waits'],
  live: ['Live', 'live'],
  reconnecting: ['Reconnecting', 'waits'],
  paused: ['Paused', 'waits'],
};

const main = document.getElementById('main');
let shown; // the view on the page: { route, view }
let declined = false; // a token is needed, and whoever was asked had none
let theme = document.documentElement.dataset.theme ?? 'auto';

const drawTop = drawer(document.getElementById('top'), () => {
  const [state, kind] = states[live.state];
  const now = themes.find(each => each.id === theme);
  return html`<a class="brand" href="#/" aria-label="Accrete, to the wall">${icons.logo}<span>Accrete</span></a>
    <form class="find" role="search" @submit=${find}>
      <label class="unseen" for="find">Find objects by id or by attribute</label>${icons.search}
      <input
        id="find"
        type="search"
        autocomplete="off"
        spellcheck="false"
        maxlength="200"
        placeholder="Find objects, or attribute:value"
        .value=${query.text}
        @input=${event => query.set(event.target.value)}
        @keydown=${clear}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
    <a class="button by-photo" href="#/search" title="Search by photo">${icons.camera}<span>By photo</span></a>
    ${
      state
        ? html`<span class="pill ${kind}" role="status"><span class="dot" aria-hidden="true"></span>${state}</span>`
        : html`<span class="pill off"></span>`
    }
    ${
      declined
        ? html`<button type="button" class="button" @click=${() => askForToken(true)}>${icons.key}<span>Token</span></button>`
        : nothing
    }
    ${
      token.isSet
        ? html`<button type="button" class="icon-button" title="Forget the token" aria-label="Forget the token" @click=${forget}>
            ${icons.key}
          </button>`
        : nothing
    }
    <button type="button" class="icon-button" title="Theme: ${now.name}" aria-label="Theme: ${now.name}. Change" @click=${nextTheme}>
      ${now.icon}
    </button>`;
});

const drawNav = drawer(
  document.getElementById('nav'),
  () =>
    html`<ul>
      ${views.map(
        view =>
          html`<li>
            <a href="#/${view.path}" aria-current=${shown?.route.view === view ? 'page' : nothing}>${view.icon}<span>${view.name}</span></a>
          </li>`,
      )}
    </ul>`,
);

function find(event) {
  event.preventDefault();
  if (shown?.route.view.path !== '') {
    location.hash = '#/';
  }
}

function clear(event) {
  if (event.key === 'Escape') {
    event.stopPropagation();
    if (query.text) {
      query.set('');
    } else {
      event.target.blur();
    }
  }
}

function nextTheme() {
  theme = themes[(themes.findIndex(each => each.id === theme) + 1) % themes.length].id;
  const root = document.documentElement;
  if (theme === 'auto') {
    delete root.dataset.theme;
  } else {
    root.dataset.theme = theme;
  }
  try {
    localStorage.setItem('accrete-theme', theme);
  } catch {
    // storage is refused: it holds for this page
  }
  dispatchEvent(new Event('theme'));
  drawTop();
}

function forget() {
  token.forget();
  toast('The token is forgotten.');
}

/** What an address asks for; `#/objects/ID` has an id in one percent-encoded segment. */
function routeOf(hash) {
  const [path, ...rest] = hash.replace(/^#\/?/, '').split('/');
  if (path === object.path && rest.length) {
    try {
      return { view: object, id: decodeURIComponent(rest.join('/')) };
    } catch {
      return { view: views[0] };
    }
  }
  return { view: views.find(view => view.path === path) ?? views[0] };
}

async function show() {
  const route = routeOf(location.hash);
  if (shown && shown.route.view === route.view && shown.route.id === route.id) {
    return;
  }
  const first = !shown;
  shown?.view?.close();
  const place = document.createElement('div');
  place.className = 'view view-' + (route.view.path || 'wall');
  const mine = (shown = { route });
  document.title = `${route.id ?? route.view.name} · Accrete`;
  drawNav();
  try {
    const module = await route.view.load();
    if (shown !== mine) {
      return;
    }
    main.replaceChildren(place);
    mine.view = module.open(place, route);
  } catch (e) {
    render(
      html`<div class="notice" role="alert">
        <div>
          <strong>This page cannot be loaded</strong>
          <p>${String(e.message)}</p>
        </div>
        <button type="button" class="button" @click=${() => location.reload()}>Reload</button>
      </div>`,
      place,
    );
    main.replaceChildren(place);
  }
  scrollTo(0, 0);
  if (!first && document.activeElement?.id !== 'find') {
    main.focus({ preventScroll: true });
  }
}

// A photo dropped or pasted anywhere is searched for, unless a view takes it.
let dragged = 0;
const holdsFiles = event => event.dataTransfer?.types.includes('Files');

function dragging(change) {
  dragged = Math.max(0, change);
  document.body.classList.toggle('dropping', dragged > 0);
}

addEventListener('dragenter', event => holdsFiles(event) && dragging(dragged + 1));
addEventListener('dragleave', event => holdsFiles(event) && dragging(dragged - 1));
addEventListener('dragover', event => holdsFiles(event) && event.preventDefault());
addEventListener('drop', event => {
  dragging(0);
  if (holdsFiles(event)) {
    event.preventDefault();
    searchFor(event.dataTransfer.files[0]);
  }
});
addEventListener('paste', event => {
  const file = [...(event.clipboardData?.files ?? [])].find(each => each.type.startsWith('image/'));
  if (file) {
    event.preventDefault();
    searchFor(file);
  }
});

async function searchFor(file) {
  if (file) {
    (await import('./views/search.js')).ask(file);
    location.hash = '#/search';
  }
}

addEventListener('keydown', event => {
  const typing = event.target.closest?.('input, textarea, select, [contenteditable], dialog');
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    const field = document.getElementById('find');
    field.focus();
    field.select();
  }
});

/** Asks for the token: once, however many requests were refused, and again when somebody wants to be asked. */
function askForToken(wanted = false) {
  if (document.getElementById('token') || (declined && !wanted)) {
    return;
  }
  const dialog = document.createElement('dialog');
  document.getElementById('overlay').append(dialog);
  let refused = token.isSet;
  const draw = () =>
    render(
      html`<form
        method="dialog"
        @submit=${event => {
          const given = document.getElementById('token').value.trim();
          if (!token.valid(given)) {
            event.preventDefault();
            refused = true;
            draw();
          } else {
            token.set(given);
          }
        }}
      >
        <h2 id="token-title">This API asks for a token</h2>
        <p>
          A read token shows everything, a write token changes photos and models too. It is kept in a cookie of this browser until it is
          closed.
        </p>
        <label for="token">Token</label
        ><input id="token" type="password" autocomplete="off" autofocus aria-invalid=${refused} aria-describedby="token-problem" />
        <p id="token-problem" class="problem">${refused ? 'This token is not accepted.' : ''}</p>
        <div class="dialog-buttons">
          <button type="button" class="button" @click=${() => dialog.close()}>Not now</button>
          <button class="button primary">Use the token</button>
        </div>
      </form>`,
      dialog,
    );
  draw();
  dialog.setAttribute('aria-labelledby', 'token-title');
  declined = true; // until one is given
  dialog.addEventListener('close', () => {
    dialog.remove();
    drawTop();
  });
  dialog.showModal();
}

events.addEventListener('unauthorized', () => askForToken());
events.addEventListener('token', () => {
  declined = false;
  drawTop();
});
live.addEventListener('state', drawTop);
query.addEventListener('change', drawTop);
query.addEventListener('change', () => query.text && shown?.route.view.path !== '' && (location.hash = '#/'));
addEventListener('hashchange', show);
watch();
drawTop();
show();
