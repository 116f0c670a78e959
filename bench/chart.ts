import { type Axis, type Grown, type Results, ratio } from './results.js';

/** Follows the reader's light or dark mode. */
const STYLE = `<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.small { font-size: 11px; fill: #57606a }
.own { fill: #0969da; stroke: #0969da } .other { fill: #8c959f; stroke: #8c959f }
line { stroke: #d0d7de } polyline { fill: none; stroke-width: 2 } rect { stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #8b949e } line { stroke: #30363d }
  .own { fill: #58a6ff; stroke: #58a6ff } .other { fill: #6e7681; stroke: #6e7681 }
}
</style>`;

const ROW = 24;
const NAMES = 310;
const PANEL = 230;

/** A guided step as a ratio to Easel's in float32, and peak memory, as bars. */
export function barChart({ compared }: Pick<Results, 'compared'>): string {
  const rows = compared.filter(({ failed, steps }) => !failed && steps.length > 0);
  const panels = [
    { title: 'CPU time of a guided step (Easel, float32 = 1)', of: rows.map(({ steps }) => ratio(steps)), digits: 2 },
    { title: 'Peak memory, GB', of: rows.map(({ peak }) => (peak ?? 0) / 1000), digits: 1 },
  ];
  const drawn = panels.map(({ title, of, digits }, panel) => {
    const x = NAMES + panel * (PANEL + 90);
    // One that is far slower than the rest would make the rest invisible.
    const longest = Math.min(Math.max(...of, 0), 4 * quantile(of, 0.5));
    const bars = of.map((value, k) => {
      const width = (PANEL * Math.min(value, longest)) / (longest || 1);
      const y = 34 + k * ROW;
      const own = rows[k]!.name.startsWith('Easel') ? 'own' : 'other';
      const more = value > longest ? ' →' : '';
      return `<rect class="${own}" x="${x}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 8}" rx="2"/>${text(x + width + 6, y + 13, value.toFixed(digits) + more)}`;
    });
    return text(x, 20, title) + bars.join('');
  });
  const names = rows.map(({ name }, k) => text(NAMES - 10, 47 + k * ROW, name, 'text-anchor="end"'));
  const title = 'CPU time of a guided step and peak memory, beside others';
  return svg(title, NAMES + 2 * (PANEL + 90), 44 + rows.length * ROW, [...names, ...drawn]);
}

const TITLES: Readonly<Record<Axis, string>> = {
  side: 'A guided step: side in pixels',
  pictures: 'A guided step: pictures together',
  tokens: 'A guided step: tokens',
  steps: 'A picture: steps',
};

/** CPU seconds against what they grow with: a panel each, a line for float32 and one for int8. */
export function lineChart({ grown }: Pick<Results, 'grown'>): string {
  const [width, height] = [300, 190];
  const axes = (Object.keys(TITLES) as Axis[]).filter((axis) => grown.some((point) => point.axis === axis));
  const panels = axes.map((axis, k) => {
    const points = grown.filter((point) => point.axis === axis);
    const [left, top] = [60 + (k % 2) * (width + 120), 40 + Math.floor(k / 2) * (height + 80)];
    const [most, top1] = [Math.max(...points.map(({ at }) => at)), Math.max(...points.map(({ took }) => took.cpu))];
    const x = (at: number) => left + (at / most) * width;
    const y = (seconds: number) => top + height - (seconds / top1) * height;
    const line = (precision: Grown['precision'], kind: string) => {
      const own = points.filter((point) => point.precision === precision).sort((a, b) => a.at - b.at);
      if (own.length === 0) return '';
      const path = own.map(({ at, took }) => `${x(at).toFixed(1)},${y(took.cpu).toFixed(1)}`);
      const dots = path.map((place) => `<circle class="${kind}" r="3" cx="${place.replace(',', '" cy="')}"/>`);
      const { at, took } = own.at(-1)!;
      // To the right of a line that ends early, a longer one may pass.
      const label =
        at === most
          ? text(x(at) + 6, y(took.cpu) + 4, precision, 'class="small"')
          : text(x(at) - 6, y(took.cpu) - 8, precision, 'class="small" text-anchor="end"');
      return `<polyline class="${kind}" style="fill: none" points="${path.join(' ')}"/>${dots.join('')}${label}`;
    };
    const ticks = [...new Set(points.map(({ at }) => at))].map((at) =>
      text(x(at), top + height + 16, String(at), 'class="small" text-anchor="middle"'),
    );
    return [
      text(left, top - 16, TITLES[axis]),
      `<line x1="${left}" x2="${left + width}" y1="${top + height}" y2="${top + height}"/>`,
      `<line x1="${left}" x2="${left}" y1="${top}" y2="${top + height}"/>`,
      text(left - 6, top + 10, `${top1.toPrecision(2)} s`, 'class="small" text-anchor="end"'),
      ...ticks,
      line('float32', 'other'),
      line('int8', 'own'),
    ].join('');
  });
  const title = 'CPU seconds against side, pictures, tokens and steps';
  return svg(title, 2 * (width + 120), 20 + Math.ceil(axes.length / 2) * (height + 80), panels);
}

function svg(title: string, width: number, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">\n<title>${title}</title>\n${STYLE}\n${parts.join('\n')}\n</svg>\n`;
}

function text(x: number, y: number, what: string, more = ''): string {
  const escaped = what.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped}</text>`;
}

function quantile(values: readonly number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? 0;
}
