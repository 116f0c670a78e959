/**
 * The manner of our own drawings: soft, glossy solids lit from above left, without outlines, on a canvas of 256.
 *
 * A solid is a shape (SVG elements without a fill) with a gradient, a light rim above left and a shade below right. Shades
 * of warm colours lean to plum, those of cold ones to navy, as coloured plastic does under a blue sky.
 */

let serial = 0;
const REGION = 'filterUnits="userSpaceOnUse" x="-40" y="-40" width="336" height="336"';

const parts = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
export const mix = (from, to, part) => {
  const other = parts(to);
  return `#${parts(from)
    .map((own, at) => Math.round(own + (other[at] - own) * part))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
};
const warm = ([red, green, blue]) => red + 8 >= green && red + 24 >= blue;
export const shade = (hex, part) => mix(hex, warm(parts(hex)) ? '#5b0f6e' : '#1a1f7a', part);
export const tint = (hex, part) => mix(hex, warm(parts(hex)) ? '#fff8e0' : '#f4feff', part);

export const oval = (x, y, across, down = across, turn = 0) =>
  `<ellipse cx="${x}" cy="${y}" rx="${across}" ry="${down}" ${turn ? `transform="rotate(${turn} ${x} ${y})"` : ''}/>`;
export const box = (x, y, wide, high, round = 6, turn = 0) =>
  `<rect x="${x}" y="${y}" width="${wide}" height="${high}" rx="${round}" ${turn ? `transform="rotate(${turn} ${x + wide / 2} ${y + high / 2})"` : ''}/>`;
export const path = (d) => `<path d="${d}"/>`;
/** A plain line, unlit: mouths, whiskers, icing. */
export const line = (d, colour = '#3b2742', width = 4, clear = 1) =>
  `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" opacity="${clear}"/>`;
export const many = (count, draw) => Array.from({ length: count }, (_, at) => draw(at)).join('');
export const turn = (degrees, x, y, body) => `<g transform="rotate(${degrees} ${x} ${y})">${body}</g>`;
/** The same again on the other side of the upright line at x. */
export const mirrored = (body, x = 128) => `${body}<g transform="translate(${2 * x} 0) scale(-1 1)">${body}</g>`;
export const flat = (shape, colour, clear = 1) => `<g fill="${colour}" opacity="${clear}">${shape}</g>`;
/** Blurred: shadows that parts throw on parts, glows and soft highlights. */
export const soft = (shape, colour, clear = 0.5, blur = 5) => {
  serial += 1;
  const id = `b${serial}`;
  return `<filter id="${id}" ${REGION}><feGaussianBlur stdDeviation="${blur}"/></filter><g fill="${colour}" opacity="${clear}" filter="url(#${id})">${shape}</g>`;
};

/**
 * @param on more SVG, painted on the solid and cut to its shape: stripes, thrown shadows
 * @param depth how far light and shade reach in, about a fifth of its width
 * @param width the shape is lines of this width rather than areas; `on` is then left out
 * @param ball lit as a sphere
 */
export function solid(shape, colour, { on = '', depth = 10, width = 0, ball = false } = {}) {
  serial += 1;
  const id = serial;
  const stops = [
    [0, tint(colour, 0.14)],
    [0.5, colour],
    [1, shade(colour, 0.24)],
  ]
    .map(([at, stop]) => `<stop offset="${at}" stop-color="${stop}"/>`)
    .join('');
  const lines = `userSpaceOnUse" x1="60" y1="20" x2="190" y2="240`;
  const gradient = ball
    ? `<radialGradient id="g${id}" cx=".4" cy=".32" r=".75">${stops}</radialGradient>`
    : `<linearGradient id="g${id}" ${width ? `gradientUnits="${lines}"` : 'x1=".15" y1="0" x2=".8" y2="1"'}>${stops}</linearGradient>`;
  const rim = (name, hex, clear, part) => `<feOffset in="blur" dx="${part * depth}" dy="${part * 1.3 * depth}"/>
<feComposite in2="SourceAlpha" operator="arithmetic" k2="-1" k3="1"/><feGaussianBlur stdDeviation="${depth / 9}" result="${name}m"/>
<feFlood flood-color="${hex}" flood-opacity="${clear}"/><feComposite in2="${name}m" operator="in"/><feComposite in2="SourceAlpha" operator="in" result="${name}"/>`;
  const filter = `<filter id="f${id}" ${width ? REGION : 'x="-.1" y="-.1" width="1.2" height="1.2"'} color-interpolation-filters="sRGB">
<feGaussianBlur in="SourceAlpha" stdDeviation="${depth / 2}" result="blur"/>${rim('dark', shade(colour, 0.55), 0.75, -0.5)}${rim('light', tint(colour, 0.55), 0.6, 0.3)}
<feMerge><feMergeNode in="SourceGraphic"/><feMergeNode in="dark"/><feMergeNode in="light"/></feMerge></filter>`;
  const paint = width
    ? `fill="none" stroke-linecap="round" stroke-linejoin="round" stroke-width="${width}" stroke="url(#g${id})"`
    : `fill="url(#g${id})"`;
  const cut = on && `<clipPath id="c${id}">${shape}</clipPath><g clip-path="url(#c${id})">${on}</g>`;
  return `${gradient}${filter}<g filter="url(#f${id})"><g ${paint}>${shape}</g>${cut}</g>`;
}

/** An eye of the main set's sort: dark, upright, with a glint. */
export const eye = (x, y, size = 8) =>
  `${flat(oval(x, y, size * 0.72, size), '#32203f')}${flat(oval(x - size * 0.2, y - size * 0.42, size * 0.24), '#ffffff', 0.9)}`;
