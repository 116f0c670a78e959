import {
  type Axis,
  type Compared,
  cpu,
  type Grown,
  LONG,
  longPicture,
  median,
  type Painted,
  type Results,
  ratio,
  wall,
} from './results.js';

/** What stands below this line in the file was written by a person, and stays. */
export const MARKER = '<!-- Written by hand from here on: `npm run bench` keeps it. -->';

/** The generated part of bench/RESULTS.md. */
export function report(results: Results): string {
  return [
    '# Results',
    `Written by \`${results.command}\`. CPU seconds are of all threads together; ratios are of CPU seconds, medians.`,
    ...(results.finished ? [] : ['**This run was stopped before its end: the rest is missing.**']),
    table(['', ''], [...results.machine, ['versions', [...results.versions].join(', ')]]),
    ...fullSize(results),
    ...recipes(results),
    ...growth(results),
    ...embedded(results),
    ...(results.leftOut.length > 0 ? [`Left out: ${results.leftOut.join('; ')}.`] : []),
  ].join('\n\n');
}

function fullSize({ compared, side }: Results): string[] {
  if (compared.length === 0) return [];
  const rows = compared.map(({ name, failed, steps, decodes, ...more }: Compared) => {
    if (failed) return [name, failed];
    const [own, decoded] = [steps.map(([times]) => times), decodes.map(([times]) => times)];
    return [
      name,
      fixed(cpu(own)),
      fixed(wall(own)),
      `**${fixed(ratio(steps))}**`,
      ...(decoded.length > 0 ? [fixed(cpu(decoded)), fixed(wall(decoded)), fixed(ratio(decodes))] : ['', '', '']),
      more.ready === undefined ? '' : fixed(more.ready, 1),
      gigabytes(more.peak),
      more.noiseError === undefined ? '' : significant(more.noiseError),
      more.pictureError === undefined ? '' : significant(more.pictureError),
    ];
  });
  const columns = [
    '',
    'step, s CPU',
    's wall',
    'ratio',
    'decode, s CPU',
    's wall',
    'ratio',
    'ready, s CPU',
    'peak, GB',
  ];
  return [
    `## Full size, ${side}x${side}`,
    "SD v1's shapes, weights at random, the same for all. The programs are loaded side by side and take turns: a guided step (batch 2) each, then the next round. " +
      'Ready: opening and the first step, less a step. Peak: anonymous memory from the start to the last decode. Errors: distance from float32, relative.',
    '![A guided step and peak memory, as bars](chart.svg)',
    table([...columns, 'error of noise', 'of picture'], rows),
  ];
}

function recipes(results: Results): string[] {
  const { painted, side } = results;
  if (painted.length === 0) return [];
  const long = longPicture(results);
  const first = painted[0]!.failed ? undefined : painted[0];
  const rows = painted.map(({ name, failed, pictures, peak }: Painted) => {
    if (failed) return [name, failed];
    const of = (other: number | undefined) => (other ? fixed(cpu(pictures) / other, 3) : '');
    return [
      name,
      fixed(wall(pictures), 1),
      fixed(cpu(pictures), 1),
      of(first && cpu(first.pictures)),
      long ? `1/${(long.cpu / cpu(pictures)).toFixed(1)}` : '',
      gigabytes(peak),
    ];
  });
  const reckoned = long
    ? ` ${LONG} guided steps in float32 and a decode are ${long.wall.toFixed(0)} s and ${long.cpu.toFixed(0)} s CPU by the table above.`
    : '';
  return [
    `## Whole pictures, ${side}x${side}`,
    `From words to pixels, with the model open.${reckoned}`,
    table(['', 's wall', 's CPU', `of ${first?.name ?? 'the first'}`, `of ${LONG} float32 steps`, 'peak, GB'], rows),
  ];
}

const AXES: Readonly<Record<Axis, string>> = {
  side: 'a guided step, side in pixels',
  pictures: 'a guided step, pictures together',
  tokens: 'a guided step, tokens',
  steps: 'a picture, steps',
};

function growth({ grown, side }: Results): string[] {
  if (grown.length === 0) return [];
  const rows = (Object.keys(AXES) as Axis[]).flatMap((axis) => {
    const points = [...new Set(grown.filter((point) => point.axis === axis).map(({ at }) => at))].sort((a, b) => a - b);
    return points.map((at) => {
      const find = (precision: Grown['precision']) =>
        grown.find((point) => point.axis === axis && point.at === at && point.precision === precision)?.took;
      const [exact, fast] = [find('float32'), find('int8')];
      return [
        AXES[axis],
        String(at),
        ...[exact, fast].flatMap((took) => (took ? [fixed(took.cpu), fixed(took.wall)] : ['', ''])),
        exact && fast ? fixed(fast.cpu / exact.cpu) : '',
      ];
    });
  });
  return [
    '## How cost grows',
    `From ${side}x${side}, one picture, 77 tokens. A picture is decoded as well.`,
    '![CPU seconds against side, pictures, tokens and steps](growth.svg)',
    table(['', '', 'float32, s CPU', 's wall', 'int8, s CPU', 's wall', 'ratio'], rows),
  ];
}

function embedded(results: Results): string[] {
  if (results.embedded.length === 0) return [];
  const base = results.embedded[0]!;
  const rows = results.embedded.map(({ name, failed, first, one, four, peak }) => {
    if (failed) return [name, failed];
    const times = [first, one, four];
    const bases = [base.first, base.one, base.four];
    const seconds = times.map((each, k) =>
      base.failed
        ? fixed(wall(each))
        : `${fixed(wall(each))} (${fixed(median(each.map((t, i) => t.wall / bases[k]![i]!.wall)))})`,
    );
    return [name, ...seconds, gigabytes(peak)];
  });
  return [
    '## The model that ships: a picture of its native size, 20 DDIM steps, guidance 4',
    'Seconds on the clock, and in brackets as a ratio to the first row; each round starts each program anew.',
    table(['', 'start to first picture', 'a picture', 'a grid of four', 'peak, GB'], rows),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${head.map((_, k) => (cells[k] ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

const fixed = (value: number, digits = 2) => value.toFixed(digits);
const significant = (value: number) => (value < 1e-4 ? value.toExponential(0) : value.toPrecision(2));
const gigabytes = (megabytes: number | undefined) => (megabytes === undefined ? '' : fixed(megabytes / 1000));
