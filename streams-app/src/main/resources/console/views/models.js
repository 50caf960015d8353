// Model versions and their rollouts; what a rollout changes, by the neighbours of a few objects before and after.
import { html, nothing } from '../lib/lit-html.js';
import { repeat } from '../lib/directives/repeat.js';
import { Problem, Resource, address, get, request } from '../api.js';
import * as icons from '../icons.js';
import { announce, confirm, drawer, empty, neighbours, notice, objectLink, of, photo, table, time, toast } from '../parts.js';
import * as text from '../text.js';

const EVERY_MS = 2000;
const SAMPLED = 4;
const DRAWN_FROM = 200;
const NEIGHBOURS = 5;

const ROLLING = ['WARMING', 'BACKFILLING'];
const LIVE = ['BACKFILLING', 'ACTIVE', 'DRAINING'];
const ORDER = ['ACTIVE', 'BACKFILLING', 'WARMING', 'DRAINING', 'PUBLISHED', 'FAILED', 'RETIRED'];
const MEANING = {
  PUBLISHED: 'published, not rolled out',
  WARMING: 'instances are loading it',
  BACKFILLING: 'objects are folded again under it',
  ACTIVE: 'answers queries',
  DRAINING: 'goes on, for a rollback',
  RETIRED: 'over',
  FAILED: 'cannot be used',
};
const ACTIONS = {
  activate: { name: 'Activate', states: ['PUBLISHED', 'FAILED', 'RETIRED'], primary: true },
  pause: { name: 'Pause', states: ROLLING, when: model => !model.paused },
  resume: { name: 'Resume', states: ROLLING, when: model => model.paused, primary: true },
  rollback: {
    name: 'Roll back to it',
    states: ['DRAINING'],
    ask: 'Queries are answered by this version again, at once. The one that is active goes on beside it for a while.',
  },
  retire: {
    name: 'Retire',
    states: ['PUBLISHED', 'WARMING', 'BACKFILLING', 'FAILED', 'DRAINING'],
    danger: true,
    ask: 'What objects hold of this version is removed, and its embeddings with it.',
  },
};

export function open(place) {
  let busy = '';
  let told = new Map(); // version to its state when it was last told
  let wanted = 0; // which objects are compared: another number, others
  let compared; // the versions and objects that the comparison is of

  const models = new Resource(
    signal => get(['models'], {}, { signal }),
    () => {
      tell();
      compare();
      draw();
    },
  );
  const comparison = new Resource(
    async signal => {
      const { before, after, number } = compared;
      const { objects } = await get(['objects'], { limit: DRAWN_FROM }, { signal });
      const chosen = [...objects].sort((a, b) => b.imageCount - a.imageCount || (a.objectId < b.objectId ? -1 : 1));
      const from = chosen.length ? (number * SAMPLED) % chosen.length : 0;
      const sampled = [...chosen.slice(from, from + SAMPLED), ...chosen.slice(0, Math.max(0, from + SAMPLED - chosen.length))].slice(
        0,
        chosen.length,
      );
      const side = (objectId, model) =>
        get(['objects', objectId, 'similar'], { k: NEIGHBOURS, model }, { signal }).then(
          answer => answer.neighbours,
          e => {
            if (e instanceof Problem && e.status === 404) {
              return undefined; // gone since, or not folded under this version
            }
            throw e;
          },
        );
      return {
        before,
        after,
        rows: await Promise.all(
          sampled.map(async object => ({ object, before: await side(object.objectId, before), after: await side(object.objectId, after) })),
        ),
      };
    },
    () => draw(),
  );

  function tell() {
    if (models.data && !models.problem) {
      const now = new Map(models.data.versions.map(model => [model.modelVersion, model.state]));
      const moved = told.size ? [...now].filter(([version, state]) => told.get(version) !== state) : [];
      if (moved.length) {
        announce(moved.map(([version, state]) => `${version} is ${state}.`).join(' '));
      }
      told = now;
    }
  }

  /** What is served beside what will be, once every object is folded under that, or what was. */
  function pair() {
    const versions = models.data?.versions ?? [];
    const active = versions.find(model => model.state === 'ACTIVE');
    const next = versions.find(model => model.state === 'BACKFILLING');
    if (active && next) {
      return { before: active.modelVersion, after: next.modelVersion, ready: next.coverage >= 1, coming: true };
    }
    const last = versions.filter(model => model.state === 'DRAINING').sort((a, b) => Date.parse(b.since) - Date.parse(a.since))[0];
    return active && last ? { before: last.modelVersion, after: active.modelVersion, ready: true, coming: false } : undefined;
  }

  function compare() {
    const versions = pair();
    if (versions?.ready && (compared?.before !== versions.before || compared.after !== versions.after || compared.number !== wanted)) {
      compared = { ...versions, number: wanted };
      comparison.restart();
    }
  }

  async function order(model, action) {
    const { name, ask } = ACTIONS[action];
    if (ask && !(await confirm(`${name}: ${model.modelVersion}?`, ask, name))) {
      return;
    }
    busy = model.modelVersion + action;
    draw();
    try {
      const now = await request(address(['models', model.modelVersion, action]), { method: 'POST' });
      toast(`${now.modelVersion} is ${now.state}${now.paused ? ', paused' : ''}${now.reason ? ': ' + now.reason : ''}.`);
    } catch (e) {
      toast(e instanceof Problem && e.status === 401 ? 'Rollouts are ordered with a token that may write.' : e.message, true);
    }
    busy = '';
    models.refresh();
    draw();
  }

  const pill = model =>
    html`<span class="pill state-${model.state.toLowerCase()}" title=${MEANING[model.state] ?? ''}
      >${model.state}${model.paused ? ' · paused' : ''}</span
    >`;

  const bar = (share, label) => html`<span class="bar" role="img" aria-label=${label}><span style="--share:${share}"></span></span>`;

  const unreadable = (each, before) => (each.unreadable ? `${before}${text.count(each.unreadable)} unreadable` : '');

  const covered = each =>
    text.count(each.covered) + ' of ' + text.count(each.objects) + unreadable(each, ', ') + (each.complete ? '' : ' …');

  const left = model =>
    model.state === 'BACKFILLING' && model.secondsLeft !== null ? `${text.duration(model.secondsLeft)} left` : 'of all objects';

  const partitions = model =>
    model.partitions.length
      ? html`<details class="numbers partitions" ?open=${ROLLING.includes(model.state)}>
          <summary>${text.plural(model.partitions.length, 'partition')}</summary>
          <ul>
            ${model.partitions.map(
              each =>
                html`<li>
                  <span class="number">${each.partition}</span
                  >${bar(each.coverage, `Partition ${each.partition}: ${text.percent(each.coverage)}`)}
                  <span class="number">${covered(each)}</span>
                </li>`,
            )}
          </ul>
        </details>`
      : nothing;

  function scores(model) {
    const all = Object.entries(model.metrics);
    return all.length
      ? html`<details class="numbers">
          <summary>Scores on held-back objects</summary>
          ${table(
            `Scores of ${model.modelVersion}`,
            ['Score', 'Value'],
            all.map(([name, value]) => [
              name,
              html`<span class="number">${Number.isInteger(value) ? text.count(value) : value.toFixed(3)}</span>`,
            ]),
          )}
        </details>`
      : nothing;
  }

  const served = html`<span class="pill live"><span class="dot" aria-hidden="true"></span>served here</span>`;

  const card = model =>
    html`<article
      class="card model ${model.state === 'ACTIVE' ? 'active' : ''}"
      aria-label="Model version ${model.modelVersion}"
      data-version=${model.modelVersion}
      data-state=${model.state}
    >
      <header>
        <h2 class="id">${model.modelVersion}</h2>
        ${pill(model)} ${models.data.serving === model.modelVersion ? served : nothing}
        <div class="buttons">
          ${Object.entries(ACTIONS)
            .filter(([, action]) => action.states.includes(model.state) && (action.when?.(model) ?? true))
            .map(
              ([id, action]) =>
                html`<button
                  type="button"
                  class="button ${action.primary ? 'primary' : action.danger ? 'quiet-danger' : ''}"
                  ?disabled=${busy !== ''}
                  @click=${() => order(model, id)}
                >
                  ${busy === model.modelVersion + id ? 'Asking…' : action.name}
                </button>`,
            )}
        </div>
      </header>
      <p class="muted">${MEANING[model.state] ?? ''} · since ${time(model.since)}${model.reason ? html` · ${model.reason}` : nothing}</p>
      ${
        LIVE.includes(model.state)
          ? html`<div class="coverage">
                ${bar(model.coverage, `Coverage ${text.percent(model.coverage)}`)}
                <span class="number">${text.percent(model.coverage)}</span>
                <span class="muted">${left(model)}${unreadable(model, ' · ')}</span>
              </div>
              ${partitions(model)}`
          : nothing
      }
      ${scores(model)}
      ${
        model.parent || model.publishedAt
          ? html`<p class="muted small">
              ${model.publishedAt ? html`published ${time(model.publishedAt)}` : nothing}${
                model.parent ? html`${model.publishedAt ? ' · ' : ''}trained from <span class="id">${model.parent}</span>` : nothing
              }
            </p>`
          : nothing
      }
    </article>`;

  function row({ object, before, after }) {
    const was = new Set(before?.map(each => each.objectId));
    const is = new Set(after?.map(each => each.objectId));
    const kept = [...was].filter(id => is.has(id)).length;
    const all = kept === before?.length && kept === after?.length;
    const same = !before || !after ? '' : all ? 'the same neighbours' : `${kept} of ${after.length} the same`;
    const side = (name, list, other, mark) =>
      html`<div class="side">
        <h3>${name}</h3>
        ${
          list
            ? neighbours(list, each => (other && !other.has(each.objectId) ? mark : ''))
            : html`<p class="muted">Not folded under this version.</p>`
        }
      </div>`;
    return html`<li class="comparison">
      <a class="tile subject" href=${objectLink(object.objectId)}
        >${photo(object.objectId, object.lastImageId, 256)}
        <span class="tile-name" title=${object.objectId}>${object.objectId}</span>
        <span class="tile-facts">${same}</span></a
      >
      ${side('before', before, after && is, 'goes')}${side('after', after, before && was, 'new')}
    </li>`;
  }

  function changes() {
    const versions = pair();
    if (!versions) {
      return nothing;
    }
    return html`<section aria-labelledby="changes">
      <div class="heading">
        <h2 id="changes">${versions.coming ? 'What this rollout changes' : 'What the last rollout changed'}</h2>
        ${
          versions.ready
            ? html`<button
                type="button"
                class="button"
                @click=${() => {
                  wanted++;
                  compare();
                  draw();
                }}
              >
                ${icons.refresh}<span>Other objects</span>
              </button>`
            : nothing
        }
      </div>
      <p class="muted">
        The nearest neighbours of a few objects, before under <span class="id">${versions.before}</span> and after under
        <span class="id">${versions.after}</span>.
        ${versions.ready ? 'Those that go and those that are new are marked.' : 'They can be compared when every object is folded.'}
      </p>
      ${
        versions.ready
          ? of(
              comparison,
              data =>
                data.rows.length
                  ? html`<ol class="comparisons">
                      ${repeat(data.rows, each => each.object.objectId, row)}
                    </ol>`
                  : html`<p class="muted">There are no objects yet.</p>`,
              4,
            )
          : nothing
      }
    </section>`;
  }

  const draw = drawer(
    place,
    () =>
      html`<div class="heading"><h1>Models</h1></div>
        ${
          models.data
            ? html`${notice(models.problem)}${
                models.data.versions.length
                  ? html`<div class="cards">
                      ${repeat(
                        [...models.data.versions].sort(
                          (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || Date.parse(b.since) - Date.parse(a.since),
                        ),
                        model => model.modelVersion,
                        card,
                      )}
                    </div>`
                  : empty('No model version is published', html`<code>accrete models publish BUNDLE</code> publishes one.`)
              }${changes()}`
            : of(models, () => nothing, 4)
        }`,
  );

  const beat = setInterval(() => document.hidden || models.refresh(), EVERY_MS);
  draw();
  models.refresh();

  return {
    close() {
      clearInterval(beat);
      models.close();
      comparison.close();
      draw.close();
    },
  };
}
