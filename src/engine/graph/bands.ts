import { wraps } from '../tile.js';
import type { GraphBuilder, Value } from './builder.js';
import { FAR, type Grid, range, type Window, windowsOf } from './im2col.js';
import type { Field } from './products.js';

/** Lines of a band, where the height allows it. */
const LINES = 4;

/** Features with up to this many places are one band: then every layer's temporary values are small anyway. */
const WHOLE = 16_384;

/** Some lines of a picture's features, while a graph runs: those that a convolution reads. */
export interface Band extends Field {
  /** [h * w, c]; lines outside the picture are those nearest, or those at the opposite edge. */
  rows: Value;
  /** Which picture of the batch they belong to, int64 [1]. */
  picture: Value;
  within: Value;
}

/** Features [b * h * w, channels] of a grid. */
interface Features {
  value: Value;
  type: 'float32' | 'float16';
  grid: Grid;
  channels: number;
}

/**
 * Computes a 3x3 window over features in bands of lines, one after another: at 512x512, whole features have 134 MB for
 * every 128 channels, and the windows of 8 bits 302 MB. A band and all that is computed of it fit into the processor's
 * cache.
 *
 * @param result the type and the number of axes of what `work` returns.
 * @param work gets a band, and the slice of `beside` at the place of its result.
 * @param beside rows of the grid after the window, [b * h * w, channels].
 * @returns the results, stacked along a new first axis: pictures in order, and the bands of each from top to bottom.
 */
export function inBands(
  g: GraphBuilder,
  x: Features,
  window: Window,
  result: { rank: number; type: Features['type'] },
  work: (band: Band, beside?: Value) => Value,
  beside?: Pick<Features, 'value' | 'type' | 'channels'>,
): Value {
  const { grid } = x;
  const after = grid.after(window);
  const lines = bandLines(g, after);
  const each = g.op('Div', [after.height, lines]);
  const bands = g.op('Mul', [grid.batch, each]);
  // The lines that a band reads: those from which it begins to which the next begins, and some of the next.
  const step = g.op('Div', [g.op('Mul', [lines, g.ints(window.stride)]), g.ints(window.scale)]);
  const count = g.op('Add', [step, g.ints(window.stride === 2 ? 1 : 2)]);
  const source = g.op('Reshape', [x.value, g.op('Concat', [g.ints(-1), grid.width, g.ints(x.channels)], { axis: 0 })]);
  const last = g.op('Sub', [grid.height, g.ints(1)]);
  const goesOn = wraps(g.form.tile).down;
  // Made here, since loops only share what is outside.
  grid.columns(window);
  const outside = g.op('Mul', [count, grid.width]);
  const [inBand, inSource] = [range(g, lines), range(g, count)];

  const [results] = g.scan(
    [
      { value: range(g, bands), type: 'int64' as const, rank: 0 },
      ...(beside ? [{ value: sliced(g, beside, bands), type: beside.type, rank: 2 }] : []),
    ],
    [result],
    (run, besides) => {
      const picture = g.op('Div', [run!, each]);
      const band = g.op('Sub', [run!, g.op('Mul', [picture, each])]);
      const first = g.op('Sub', [g.op('Mul', [band, step]), g.ints(window.pad)]);
      const at = g.op('Add', [inSource, first]);
      const there = goesOn ? g.op('Mod', [at, grid.height]) : g.op('Min', [g.op('Max', [at, g.ints(0)]), last]);
      const taken = g.op('Add', [there, g.op('Mul', [picture, grid.height])]);
      const windows = () => {
        const read = grid.lines(g.op('Add', [inBand, g.op('Mul', [band, lines])]), window);
        const inOwn = g.op('Sub', [read.source, first]);
        const own = read.within ? g.op('Where', [read.within, inOwn, g.ints(FAR)]) : inOwn;
        return windowsOf(g, g.op('Mul', [own, grid.width]), grid.columns(window), outside);
      };
      return [
        work(
          {
            rows: g.op('Reshape', [g.op('Gather', [source, taken], { axis: 0 }), g.ints(-1, x.channels)]),
            picture,
            window,
            shape: (channels) => g.op('Concat', [g.ints(1), count, grid.width, g.ints(channels)], { axis: 0 }),
            within: g.op('Unsqueeze', [g.op('Equal', [at, goesOn ? at : there]), g.ints(1)]),
            windows,
          },
          besides,
        ),
      ];
    },
  );
  return results!;
}

/** The mean over all places of x [b * h * w, c] and of its squares, each [b, 1, c]. */
export function meansInBands(g: GraphBuilder, { value, type, grid, channels }: Features): [Value, Value] {
  const lines = bandLines(g, grid);
  const shape = g.op('Concat', [g.ints(-1), lines, grid.width, g.ints(channels)], { axis: 0 });
  const bands = { value: g.op('Reshape', [value, shape]), type, rank: 3 };
  // Along the columns first: the other way round, ONNX Runtime takes far longer.
  const mean = (x: Value) =>
    g.op('ReduceMean', [g.op('ReduceMean', [x, g.ints(1)], { keepdims: 0 }), g.ints(0)], { keepdims: 0 });
  const vector = { rank: 1 };
  const means = g.scan([bands], [vector, vector], (band) => {
    const x = type === 'float32' ? band! : g.cast(band!, 'float32');
    return [mean(x), mean(g.op('Mul', [x, x]))];
  });
  return means.map((perBand) => {
    const perPicture = g.op('Reshape', [perBand, grid.sequences(channels)]);
    return g.op('ReduceMean', [perPicture, g.ints(1)], { keepdims: 1 });
  }) as [Value, Value];
}

/** How many lines a band has. */
export function bandLines(g: GraphBuilder, grid: Grid): Value {
  if (grid.multiple === 1) return grid.height;
  const small = g.op('LessOrEqual', [grid.places, g.ints(WHOLE)]);
  return g.op('Where', [small, grid.height, g.ints(Math.min(grid.multiple, LINES))]);
}

function sliced(g: GraphBuilder, { value, channels }: { value: Value; channels: number }, bands: Value): Value {
  return g.op('Reshape', [value, g.op('Concat', [bands, g.ints(-1, channels)], { axis: 0 })]);
}
