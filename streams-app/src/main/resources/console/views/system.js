// The instances, how they fare, and what their health checks say.
import { html, nothing } from '../lib/lit-html.js';
import { Resource, request } from '../api.js';
import { chart } from '../charts.js';
import { drawer, notice, of, table } from '../parts.js';
import * as stats from '../stats.js';
import * as text from '../text.js';

const HEALTH_MS = 10_000;
const SMOOTH = 3; // samples of a rate
const MINUTES = [2, 5, 10];

const sum = (instances, of) => [...instances.values()].reduce((all, each) => all + (of(each) ?? 0), 0);
const most = (instances, of) => {
  const known = [...instances.values()].map(of).filter(value => value !== null && value !== undefined);
  return known.length ? Math.max(...known) : null;
};
const mean = (instances, of) => {
  const known = [...instances.values()].map(of).filter(value => value !== null && value !== undefined);
  return known.length ? known.reduce((all, value) => all + value, 0) / known.length : null;
};
const events = each => Object.values(each.events).reduce((all, value) => all + value, 0);
const plain = value => (value === null ? '–' : String(Math.round(value * 10) / 10));

const CHARTS = [
  {
    id: 'throughput',
    name: 'Throughput',
    unit: 'per second',
    text: value => value.toFixed(1),
    series: [
      { name: 'events', rate: events },
      { name: 'images encoded', rate: each => each.images },
    ],
  },
  {
    id: 'lag',
    name: 'Lag',
    unit: 'events that wait in the most loaded partition',
    text: plain,
    series: [{ name: 'lag', value: all => most(all, each => each.lag) }],
  },
  {
    id: 'latency',
    name: 'Latency',
    unit: 'ms from event to embedding',
    text: plain,
    series: [
      { name: 'half of them', value: all => most(all, each => each.p50Millis) },
      { name: '99 of 100', value: all => most(all, each => each.p99Millis) },
    ],
  },
  {
    id: 'batch',
    name: 'Batch',
    unit: 'images encoded at a time',
    text: plain,
    series: [{ name: 'batch', value: all => mean(all, each => each.batchMean) }],
  },
  {
    id: 'queue',
    name: 'Queue',
    unit: 'ms an image waits for its batch',
    text: plain,
    series: [
      {
        name: 'wait',
        value: all => mean(all, each => (each.queueSeconds === null || each.queueSeconds === undefined ? null : each.queueSeconds * 1000)),
      },
    ],
  },
  {
    id: 'subscribers',
    name: 'Subscribers',
    unit: 'streams of embeddings',
    text: plain,
    series: [{ name: 'subscribers', value: all => sum(all, each => each.subscribers) }],
  },
];

export function open(place) {
  const charts = new Map();
  let minutes = MINUTES[0];

  const health = new Resource(signal => request('health/ready', { signal, accept: [503] }), draw);
  const live = new Resource(signal => request('health/live', { signal, accept: [503] }), draw);

  function points(series) {
    const from = Date.now() - minutes * 60_000;
    const samples = stats.samples.filter(each => each.at >= from);
    return samples
      .map((sample, i) => [
        sample.at,
        series.rate ? (i === 0 ? null : stats.rate(samples[Math.max(0, i - SMOOTH)], sample, series.rate)) : series.value(sample.instances),
      ])
      .filter(([, value]) => value !== null);
  }

  const clock = value => new Date(value).toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

  const outcomes = ({ instances }) => {
    const found = new Map();
    instances.forEach(each =>
      Object.entries(each.stats?.events ?? {}).forEach(([name, value]) => found.set(name, (found.get(name) ?? 0) + value)),
    );
    return [...found].filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]);
  };

  const happened = list =>
    list.length
      ? html`<p class="muted">Events since the start: ${list.map(([name, value]) => `${text.count(value)} ${name}`).join(' · ')}</p>`
      : nothing;

  const instances = data =>
    html`${table(
      'Instances',
      ['Instance', 'State', 'Partitions', 'Objects', 'Images', 'Lag', 'Half / 99 of 100', 'Batch', 'Streams'],
      data.instances.map(each => [
        html`<span class="id">${each.address}</span>${each.self ? html` <span class="muted">this one</span>` : nothing}`,
        each.reachable
          ? html`<span class="pill ${each.stats?.ready ? 'live' : 'waits'}"
              ><span class="dot" aria-hidden="true"></span>${each.stats?.ready ? 'ready' : 'not ready'}</span
            >`
          : html`<span class="pill bad"><span class="dot" aria-hidden="true"></span>does not answer</span>`,
        each.partitions ? html`<span class="number" title=${each.partitions.join(', ')}>${each.partitions.length}</span>` : '–',
        ...(each.stats
          ? [
              text.count(each.stats.objects),
              text.count(each.stats.images),
              each.stats.lag === null ? '–' : text.count(each.stats.lag),
              `${text.millis(each.stats.p50Millis)} / ${text.millis(each.stats.p99Millis)}`,
              plain(each.stats.batchMean ?? null),
              text.count(each.stats.subscribers),
            ]
          : Array(6).fill('–')
        ).map(value => html`<span class="number">${value}</span>`),
      ]),
    )}`;

  const checks = (name, resource) =>
    html`<div class="card">
      <h3>${name}</h3>
      ${notice(resource.problem)}${
        resource.data
          ? html`<ul class="checks">
              ${resource.data.checks.map(
                check =>
                  html`<li>
                    <span class="pill ${check.ok ? 'live' : 'bad'}"
                      ><span class="dot" aria-hidden="true"></span>${check.ok ? 'ok' : 'failing'}</span
                    >
                    <span><strong>${check.name}</strong> <span class="muted">${check.reason}</span></span>
                  </li>`,
              )}
            </ul>`
          : nothing
      }
    </div>`;

  const drawing = drawer(
    place,
    () =>
      html`<div class="heading">
          <h1>System</h1>
          <div class="choice" role="group" aria-label="Time shown">
            ${MINUTES.map(
              each =>
                html`<button
                  type="button"
                  class="chip"
                  aria-pressed=${each === minutes}
                  @click=${() => {
                    minutes = each;
                    draw();
                  }}
                >
                  ${each} min
                </button>`,
            )}
          </div>
        </div>
        <section aria-label="Charts">
          <div class="charts">
            ${CHARTS.map(
              each =>
                html`<figure class="card">
                  <figcaption>${each.name} <span class="muted">${each.unit}</span></figcaption>
                  <div class="chart" id="chart-${each.id}"></div>
                </figure>`,
            )}
          </div>
        </section>
        <section aria-labelledby="instances">
          <h2 id="instances">Instances</h2>
          ${of(stats.instances, instances, 2)} ${stats.instances.data ? happened(outcomes(stats.instances.data)) : nothing}
        </section>
        <section aria-labelledby="health">
          <h2 id="health">Health of this instance</h2>
          <div class="cards two">${checks('Ready', health)}${checks('Alive', live)}</div>
        </section>
        <p class="muted">For Prometheus: <a href="metrics">/metrics</a>. The API: <a href="v1/openapi.yaml">openapi.yaml</a>.</p>`,
  );

  function draw() {
    drawing.now();
    const now = Date.now();
    for (const each of CHARTS) {
      if (!charts.has(each.id)) {
        charts.set(
          each.id,
          chart(place.querySelector(`#chart-${each.id}`), `${each.name}, ${each.unit}`, { xText: clock, yText: each.text }),
        );
      }
      const series = each.series.map(one => ({ name: one.name, points: points(one) }));
      const last = series
        .map(one => (one.points.length ? `${one.name} ${each.text(one.points.at(-1)[1])}` : ''))
        .filter(one => one)
        .join(', ');
      charts.get(each.id).show(series, last || 'Nothing is known yet', { min: now - minutes * 60_000, max: now });
    }
  }

  const stop = stats.follow(draw);
  const ask = () => {
    if (!document.hidden) {
      health.refresh();
      live.refresh();
    }
  };
  const beat = setInterval(ask, HEALTH_MS);
  draw();
  ask();

  return {
    close() {
      stop();
      clearInterval(beat);
      health.close();
      live.close();
      charts.forEach(each => each.close());
      drawing.close();
    },
  };
}
