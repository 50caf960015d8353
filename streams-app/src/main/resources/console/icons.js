// Icons, drawn in one weight. They stand beside words or in buttons with a label, so screen readers pass over them.
import { svg } from './lib/lit-html.js';

const icon = content => svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${content}</svg>`;

export const logo = svg`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="3.6"/>
  <path d="M16 8.4a7.6 7.6 0 1 1-7.4 5.8"/><path d="M16 2.8A13.2 13.2 0 0 1 29.2 16"/><path d="M24.8 25.8A13.2 13.2 0 0 1 4 21.5"/></svg>`;
export const wall = icon(svg`<rect x="3.5" y="3.5" width="7" height="7" rx="1.5"/><rect x="13.5" y="3.5" width="7" height="7" rx="1.5"/>
  <rect x="3.5" y="13.5" width="7" height="7" rx="1.5"/><rect x="13.5" y="13.5" width="7" height="7" rx="1.5"/>`);
export const camera = icon(svg`<path
    d="M4.5 7.5h3l1.6-2.5h5.8l1.6 2.5h3a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 18V9a1.5 1.5 0 0 1 1.5-1.5z"/>
  <circle cx="12" cy="13" r="3.6"/>`);
export const map = icon(svg`<circle cx="7" cy="8" r="1.7"/><circle cx="12.5" cy="5.5" r="1.7"/><circle cx="10.5" cy="11.5" r="1.7"/>
  <circle cx="17.5" cy="15" r="1.7"/><circle cx="14.5" cy="19" r="1.7"/><path d="M3.5 3.5v17h17"/>`);
export const models = icon(
  svg`<path d="M12 3.5l8.5 4.6-8.5 4.6-8.5-4.6z"/><path d="M3.5 12.3l8.5 4.6 8.5-4.6"/><path d="M3.5 16.2l8.5 4.6 8.5-4.6"/>`,
);
export const training = icon(svg`<path d="M3.5 3.5v17h17"/><path d="M7 7c1.5 6.5 5 8.8 12.5 9.3"/>`);
export const system = icon(svg`<path d="M2.5 12.5h4l2.7-7 4.8 13 2.9-6h4.6"/>`);
export const search = icon(svg`<circle cx="10.8" cy="10.8" r="6.3"/><path d="M15.5 15.5l5 5"/>`);
export const sun = icon(
  svg`<circle cx="12" cy="12" r="4"/>
    <path d="M12 2.5v2.5M12 19v2.5M2.5 12h2.5M19 12h2.5M5.3 5.3l1.8 1.8M16.9 16.9l1.8 1.8M5.3 18.7l1.8-1.8M16.9 7.1l1.8-1.8"/>`,
);
export const moon = icon(svg`<path d="M20 14.5A8.3 8.3 0 0 1 9.5 4a8.3 8.3 0 1 0 10.5 10.5z"/>`);
export const half = icon(svg`<circle cx="12" cy="12" r="8.3"/><path d="M12 3.7v16.6a8.3 8.3 0 0 0 0-16.6z" fill="currentColor"/>`);
export const plus = icon(svg`<path d="M12 5v14M5 12h14"/>`);
export const minus = icon(svg`<path d="M5 12h14"/>`);
export const trash = icon(svg`<path d="M4 6.5h16M9 6.5V4h6v2.5M6 6.5l.9 13.5h10.2L18 6.5M10 10.5v6M14 10.5v6"/>`);
export const close = icon(svg`<path d="M6 6l12 12M18 6L6 18"/>`);
export const upload = icon(svg`<path d="M12 16V4.5M7 9l5-5 5 5M4 16v3.5h16V16"/>`);
export const fit = icon(svg`<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>`);
export const refresh = icon(svg`<path d="M19.5 8A8.3 8.3 0 1 0 20.3 12"/><path d="M20 3.5V8.2h-4.7"/>`);
export const photo = icon(
  svg`<rect x="3.5" y="4.5" width="17" height="15" rx="1.5"/><circle cx="9" cy="10" r="1.7"/><path d="M4 17l4.8-4.3 3.4 2.9 3-2.6 5 4.2"/>`,
);
export const key = icon(svg`<circle cx="8" cy="15.5" r="4.2"/><path d="M11 12.5L19.5 4M15.5 8l3 3"/>`);
