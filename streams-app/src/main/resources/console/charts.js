// Chart.js in this console's colours. Behind every chart there is a table of the same numbers.
import './lib/chart.umd.min.js';
import { html, render } from './lib/lit-html.js';
import { calm, table } from './parts.js';

const { Chart } = globalThis;
const COLOURS = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'];
const ROWS = 60;

/** What a custom property of the page is now: light or dark. */
function colour(name) {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const axis = (title, more) => ({
  border: { display: false },
  grid: { color: colour('--line'), drawTicks: false },
  ticks: { color: colour('--muted'), maxTicksLimit: 6, maxRotation: 0, padding: 6, font: { size: 11 } },
  title: { display: Boolean(title), text: title, color: colour('--muted'), font: { size: 11 } },
  ...more,
});

/**
 * A chart in an element of the page.
 *
 * @param name what it shows, for screen readers and the table
 * @param more { type, x, y: titles, zero: whether the y axis begins at 0, max: where it ends, xText, yText: numbers as text }
 * @returns show([{ name, points: [[x, y], …] }, …], summary, { min, max } of x, if it is not the data's) and close()
 */
export function chart(
  element,
  name,
  { type = 'line', x, y, zero = true, max, xText = String, yText = value => String(Math.round(value * 1000) / 1000) } = {},
) {
  render(
    html`<div class="chart-box"><canvas role="img"></canvas></div>
      <details class="numbers">
        <summary>Numbers</summary>
        <div></div>
      </details>`,
    element,
  );
  const canvas = element.querySelector('canvas');
  const details = element.querySelector('details');
  let drawn;
  let series = [];
  let span; // of the x axis, unless it is the data's

  function options() {
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      elements: { point: { radius: 0, hitRadius: 12, hoverRadius: 4 }, line: { borderWidth: 2, tension: 0 } },
      scales: {
        x: axis(x, { ...span, type: 'linear', grid: { display: false }, bounds: 'data', ticks: { ...axis().ticks, callback: xText } }),
        y: axis(y, { beginAtZero: zero, max, grace: zero ? '5%' : 0 }),
      },
      plugins: {
        legend: {
          display: series.length > 1,
          align: 'end',
          labels: { color: colour('--ink'), boxWidth: 10, boxHeight: 10, font: { size: 12 } },
        },
        tooltip: {
          animation: calm() ? false : { duration: 120 },
          callbacks: {
            title: items => (items.length ? xText(items[0].parsed.x) : ''),
            label: item => `${item.dataset.label}: ${yText(item.parsed.y)}`,
          },
        },
      },
    };
  }

  const datasets = () =>
    series.map((each, i) => {
      const line = colour(COLOURS[i % COLOURS.length]);
      return {
        label: each.name,
        data: each.points.map(([px, py]) => ({ x: px, y: py })),
        borderColor: line,
        backgroundColor: line,
        spanGaps: false,
        pointRadius: each.points.length === 1 ? 3 : 0,
      };
    });

  function numbers() {
    if (details.open) {
      const rows = new Map();
      series.forEach((each, i) =>
        each.points.forEach(([px, py]) => {
          rows.has(px) || rows.set(px, Array(series.length).fill('–'));
          rows.get(px)[i] = py === null ? '–' : yText(py);
        }),
      );
      const last = [...rows].sort((a, b) => a[0] - b[0]).slice(-ROWS);
      render(
        table(
          name,
          [x ?? '', ...series.map(each => each.name)],
          last.map(([px, values]) => [xText(px), ...values]),
        ),
        details.lastElementChild,
      );
    }
  }

  const theme = () => {
    if (drawn) {
      drawn.options = options();
      drawn.data.datasets = datasets();
      drawn.update('none');
    }
  };
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', theme);
  addEventListener('theme', theme);
  details.addEventListener('toggle', numbers);

  return {
    show(given, summary, range) {
      series = given;
      span = range;
      canvas.setAttribute('aria-label', `${name}. ${summary ?? ''}`);
      if (!drawn) {
        drawn = new Chart(canvas, { type, data: { datasets: datasets() }, options: options() });
      } else {
        if (drawn.data.datasets.length !== series.length) {
          drawn.options = options();
        }
        Object.assign(drawn.options.scales.x, span);
        drawn.data.datasets = datasets();
        drawn.update('none');
      }
      numbers();
    },
    close() {
      drawn?.destroy();
      system.removeEventListener('change', theme);
      removeEventListener('theme', theme);
    },
  };
}
