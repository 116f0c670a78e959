import { html, svg, type TemplateResult } from 'lit';

const stroke = (d: string) =>
  svg`<path d=${d} fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>`;
const fill = (d: string) => svg`<path d=${d} fill="currentColor"/>`;

/** Drawn on a 24x24 grid. */
const ICONS = {
  chat: fill(
    'M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-8l-6 4v-4H4a2 2 0 0 1-2-2V5c0-1.100.9-2 2-2Zm3 6v2h10V9Zm0 4v2h7v-2Z',
  ),
  hash: stroke('M9 4 7 20M17 4l-2 16M4.5 9h16M3.5 15h16'),
  thread: stroke('M8 3 7 10m8-7-1 7M4 6h14M3 10h10m1 5h7m-7 4h7'),
  plus: fill('M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm1 5v4h4v2h-4v4h-2v-4H7v-2h4V7Z'),
  smile: svg`${stroke('M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z')}${stroke('M8 14c.8 1.7 2.3 2.5 4 2.5s3.2-.8 4-2.5M9 9.5v.2M15 9.5v.2')}`,
  trash: stroke('M4 6h16M9 6V3h6v3m3 0-1 15H7L6 6m4 4v7m4-7v7'),
  more: fill('M4 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4Zm8 0a2 2 0 1 0 0 4 2 2 0 0 0 0-4Zm8 0a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z'),
  reply: fill('M10 5 3 11.5 10 18v-4c5 0 8.5 1.5 11 5-1-6-4-10-11-10Z'),
  people: fill(
    'M8 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0 2c-4 0-7 2-7 5v2h14v-2c0-3-3-5-7-5Zm8-2a3.5 3.5 0 1 0-1.5-6.7 6 6 0 0 1 0 6.4c.5.2 1 .3 1.5.3Zm.5 2c-.6 0-1 0-1.500.100C16.800 14.300 17 16 17 18v2h6v-2c0-3-3-5-6.500-5Z',
  ),
  menu: stroke('M4 6h16M4 12h16M4 18h16'),
  close: stroke('M5 5l14 14M19 5 5 19'),
  chevron: stroke('m9 5 7 7-7 7'),
  down: stroke('m5 9 7 7 7-7'),
  eye: fill(
    'M12 5C6 5 2.500 10 1.500 12c1 2 4.500 7 10.500 7s9.500-5 10.500-7c-1-2-4.500-7-10.500-7Zm0 11a4 4 0 1 1 0-8 4 4 0 0 1 0 8Z',
  ),
  upload: stroke('M12 16V4m-5 5 5-5 5 5M4 16v4h16v-4'),
  download: stroke('M12 4v12m-5-5 5 5 5-5M4 20h16'),
  brush: stroke(
    'M20 4 11 13m-3 1c-2 0-3 1.500-3 3.500 0 1-.5 1.500-1.500 2 3 1 7 .5 7-3.500 0-1-1-2-2.500-2ZM20 4c1 1 .5 2-1 4l-5 6-3-3 6-5c2-1.500 2-2 3-2Z',
  ),
  link: stroke('M10 14a4 4 0 0 0 6 0l4-4a4 4 0 0 0-6-6l-1 1m1 5a4 4 0 0 0-6 0l-4 4a4 4 0 0 0 6 6l1-1'),
  copy: stroke('M8 8h12v12H8ZM4 16V4h12'),
  sun: stroke(
    'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-6v2m0 16v2M2 12h2m16 0h2M5 5l1.500 1.500m11 11L19 19M5 19l1.500-1.500m11-11L19 5',
  ),
  moon: fill('M20 15A9 9 0 0 1 9 4a9 9 0 1 0 11 11Z'),
  file: stroke('M6 2h8l5 5v15H6Zm8 0v5h5'),
  at: stroke('M16 8v5c0 2 1 3 2.500 3S21 14.500 21 12a9 9 0 1 0-4 7.500M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Z'),
  warning: stroke('M12 9v5m0 3v.2M12 3 2 20h20Z'),
  apps: fill('M4 4h7v7H4Zm9 0h7v7h-7ZM4 13h7v7H4Zm9 0h7v7h-7Z'),
  check: stroke('m5 12 5 5 9-10'),
  slash: stroke('M3 3h18v18H3Zm12 4-6 10'),
  swap: stroke('M4 8h14m-4-4 4 4-4 4M20 16H6m4-4-4 4 4 4'),
  external: stroke('M14 4h6v6m0-6-9 9M10 5H4v15h15v-6'),
  undo: stroke('M9 5 4 10l5 5M4 10h10a5 5 0 0 1 0 10h-3'),
} as const;

export type IconName = keyof typeof ICONS;

export function icon(name: IconName, size = 20): TemplateResult {
  return html`<svg width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg>`;
}
