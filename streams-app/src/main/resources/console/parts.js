// What several views are made of.
import { html, nothing, render } from './lib/lit-html.js';
import { imageAddress } from './api.js';
import * as icons from './icons.js';
import * as text from './text.js';

/** Draws a template into an element at the next frame, however often it is asked to. */
export function drawer(element, template) {
  let asked = false;
  let closed = false;
  const draw = () => {
    if (!asked && !closed) {
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        if (!closed) {
          render(template(), element);
        }
      });
    }
  };
  draw.now = () => render(template(), element);
  draw.close = () => {
    closed = true;
  };
  return draw;
}

export const objectLink = objectId => '#/objects/' + encodeURIComponent(objectId);

const failed = event => event.target.closest('.photo').classList.add('missing');
const came = event => event.target.closest('.photo').classList.remove('missing');

/** A square photo; while it is not there, or cannot be had, there is a place of the same size. */
export const photo = (objectId, imageId, size, alt = '', eager = false) =>
  html`<span class="photo"
    >${icons.photo}
    <img
      src=${imageAddress(objectId, imageId, size)}
      alt=${alt}
      loading=${eager ? 'eager' : 'lazy'}
      decoding="async"
      width=${size}
      height=${size}
      draggable="false"
      @error=${failed}
      @load=${came}
  /></span>`;

export const time = at => html`<time datetime=${at} title=${text.instant(at)}>${text.ago(at)}</time>`;

export const empty = (title, ...lines) =>
  html`<div class="empty">
    <p class="empty-title">${title}</p>
    ${lines.map(line => html`<p>${line}</p>`)}
  </div>`;

/** What went wrong, in the API's words. */
export const notice = (problem, retry) =>
  problem
    ? html`<div class="notice" role="alert">
        <div>
          <strong>${problem.title}</strong>
          <p>${problem.message}</p>
          ${problem.passes ? html`<p class="muted">It is tried again by itself.</p>` : nothing}
        </div>
        ${retry ? html`<button type="button" class="button" @click=${retry}>Try again</button>` : nothing}
      </div>`
    : nothing;

/** Places of the size that the answer will have. */
export const waiting = (lines = 3) =>
  html`<div class="waiting" aria-hidden="true">${Array.from({ length: lines }, () => html`<span></span>`)}</div>
    <p class="unseen" role="status">Loading</p>`;

/** The state of one address: a problem, the wait, or what it holds. */
export function of(resource, show, lines) {
  return html`${notice(resource.problem, resource.problem?.passes === false ? () => resource.refresh() : undefined)}
  ${resource.data !== undefined ? show(resource.data) : resource.problem ? nothing : waiting(lines)}`;
}

export const attributes = map =>
  Object.keys(map).length === 0
    ? nothing
    : html`<dl class="attributes">
        ${Object.entries(map).map(
          ([key, value]) =>
            html`<div>
              <dt>${key}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>`;

/** Objects with their scores, the nearest first. */
export const neighbours = (list, mark = () => '') =>
  html`<ol class="neighbours">
    ${list.map(
      each =>
        html`<li class=${mark(each)}>
          <a class="tile" href=${objectLink(each.objectId)}
            >${photo(each.objectId, each.lastImageId, 256)}
            <span class="tile-name" title=${each.objectId}>${each.objectId}</span>
            <span class="score"
              ><span class="score-bar" style="--share:${Math.max(0, each.score)}"></span>
              <span class="number" title="Inner product of the embeddings, 1 at most">${each.score.toFixed(3)}</span></span
            >
            ${mark(each) ? html`<span class="unseen">${mark(each)}</span>` : nothing}</a
          >
        </li>`,
    )}
  </ol>`;

export const table = (caption, heads, rows) =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}, table">
    <table>
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map(head => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          row =>
            html`<tr>
              ${row.map(cell => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Tells screen readers. */
export function announce(message) {
  document.getElementById('announcer').textContent = message;
}

/** A short message that goes by itself; one of a failure stays until it is closed. */
export function toast(message, failure = false) {
  const box = document.createElement('div');
  const close = () => box.remove();
  render(
    html`<p>${message}</p>
      <button type="button" class="icon-button" aria-label="Close the message" @click=${close}>${icons.close}</button>`,
    box,
  );
  box.className = failure ? 'toast failure' : 'toast';
  document.getElementById('toasts').append(box);
  if (!failure) {
    setTimeout(close, 6000);
  }
}

/** Asks in a dialog; the promise is whether it was agreed to. */
export function confirm(title, message, action) {
  const dialog = document.createElement('dialog');
  document.getElementById('overlay').append(dialog);
  render(
    html`<form method="dialog">
      <h2 id="confirm-title">${title}</h2>
      <p>${message}</p>
      <div class="dialog-buttons">
        <button class="button" value="" autofocus>Cancel</button><button class="button danger" value="yes">${action}</button>
      </div>
    </form>`,
    dialog,
  );
  dialog.setAttribute('aria-labelledby', 'confirm-title');
  dialog.showModal();
  return new Promise(resolve =>
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    }),
  );
}
