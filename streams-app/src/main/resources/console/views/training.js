// What trainers tell of their runs: curves as they grow, and what happened.
import { html, nothing } from '../lib/lit-html.js';
import { repeat } from '../lib/directives/repeat.js';
import { Resource, get } from '../api.js';
import { chart } from '../charts.js';
import { announce, drawer, empty, of, time } from '../parts.js';
import * as text from '../text.js';

const EVERY_MS = 3000;
const FRESH_MS = 30_000;

export function open(place) {
  const charts = new Map(); // name of a value to its chart
  let chosen;
  let stages = '';

  const training = new Resource(
    signal => get(['training'], {}, { signal }),
    () => draw(),
  );
  const run = () => training.data?.runs.find(each => each.run === chosen) ?? training.data?.runs[0];

  /** Every stage's steps lie behind those of the one before. */
  function series(of) {
    const names = new Map();
    let behind = 0;
    let last = 0;
    let stage;
    for (const point of of.points) {
      if (point.stage !== stage) {
        behind += last;
        stage = point.stage;
      }
      last = point.step;
      for (const [name, value] of Object.entries(point.values)) {
        names.has(name) || names.set(name, new Map());
        const stages = names.get(name);
        stages.has(stage) || stages.set(stage, []);
        stages.get(stage).push([behind + point.step, Number.isFinite(value) ? value : null]);
      }
    }
    return names;
  }

  const number = value =>
    value === null ? '–' : Math.abs(value) >= 0.001 || value === 0 ? String(Math.round(value * 10_000) / 10_000) : value.toExponential(2);

  const running = each => Date.now() - Date.parse(each.updatedAt) < FRESH_MS;

  const choice = runs =>
    html`<ul class="runs" aria-label="Runs">
      ${repeat(
        runs,
        each => each.run,
        each =>
          html`<li>
            <button
              type="button"
              class="run"
              aria-pressed=${each === run()}
              @click=${() => {
                chosen = each.run;
                draw();
              }}
            >
              <span class="id">${each.run}</span>
              <span class="muted"
                >${each.stage}${each.steps ? ` · ${text.percent(each.step / each.steps)}` : ''} ·
                ${running(each) ? 'running' : time(each.updatedAt)}</span
              >
            </button>
          </li>`,
      )}
    </ul>`;

  const detail = each =>
    html`<section aria-labelledby="run">
      <div class="heading">
        <h2 id="run" class="id">${each.run}</h2>
        <dl class="facts">
          <div>
            <dt>Stage</dt>
            <dd>${each.stage}</dd>
          </div>
          <div>
            <dt>Step</dt>
            <dd>${text.count(each.step)}${each.steps ? html` <span class="muted">of ${text.count(each.steps)}</span>` : nothing}</dd>
          </div>
          <div>
            <dt>Started</dt>
            <dd>${time(each.startedAt)}</dd>
          </div>
          <div>
            <dt>Last told</dt>
            <dd>${time(each.updatedAt)}</dd>
          </div>
        </dl>
      </div>
      ${
        each.steps
          ? html`<div class="coverage">
              <span class="bar" role="img" aria-label="${text.percent(each.step / each.steps)} of this stage"
                ><span style="--share:${Math.min(1, each.step / each.steps)}"></span
              ></span>
              <span class="number">${text.percent(Math.min(1, each.step / each.steps))}</span><span class="muted">of this stage</span>
            </div>`
          : nothing
      }
      <div class="charts">
        ${repeat(
          [...series(each).keys()],
          name => name,
          name =>
            html`<figure class="card">
              <figcaption>${name}</figcaption>
              <div class="chart" data-value=${name}></div>
            </figure>`,
        )}
      </div>
      ${
        each.events.length
          ? html`<h3>What happened</h3>
              <ol class="log">
                ${each.events
                  .slice()
                  .reverse()
                  .map(event => html`<li>${time(event.at)}<span>${event.text}</span></li>`)}
              </ol>`
          : nothing
      }
    </section>`;

  const drawing = drawer(
    place,
    () =>
      html`<div class="heading"><h1>Training</h1></div>
        ${of(
          training,
          data =>
            data.runs.length
              ? html`<div class="split">${choice(data.runs)}${detail(run())}</div>`
              : empty(
                  'No trainer has told of a run',
                  'A trainer that learns from this cluster’s photos shows its curves here.',
                  html`<code>accrete train</code> starts one.`,
                ),
          6,
        )}`,
  );

  function draw() {
    drawing.now();
    const shown = run();
    const values = shown ? series(shown) : new Map();
    for (const [name, each] of charts) {
      if (!values.has(name) || !each.element.isConnected) {
        each.close();
        charts.delete(name);
      }
    }
    for (const element of place.querySelectorAll('.chart')) {
      const name = element.dataset.value;
      if (!charts.has(name)) {
        charts.set(name, {
          element,
          ...chart(element, name, { x: 'step', zero: false, xText: value => text.short(value), yText: number }),
        });
      }
      const points = [...values.get(name)].map(([stage, points]) => ({ name: stage, points }));
      charts.get(name).show(points, `Last ${number(points.at(-1).points.at(-1)[1])} at step ${text.count(shown.step)} of ${shown.stage}`);
    }
    const now = shown ? `${shown.run} ${shown.stage}` : '';
    if (stages && now !== stages) {
      announce(`Training: ${shown?.stage ?? 'no run'}.`);
    }
    stages = now;
  }

  const beat = setInterval(() => document.hidden || training.refresh(), EVERY_MS);
  draw();
  training.refresh();

  return {
    close() {
      clearInterval(beat);
      training.close();
      charts.forEach(each => each.close());
      drawing.close();
    },
  };
}
