import { wraps } from '../tile.js';
import type { GraphBuilder, Value } from './builder.js';

/** Which pixels a 3x3 convolution reads. */
export interface Window {
  stride: 1 | 2;
  /** 2: it reads the picture enlarged twofold by nearest neighbour. */
  scale: 1 | 2;
  /** At the top and on the left; at the bottom and on the right it is as much as needed. */
  pad: 0 | 1;
}

/** Three lines or columns for each result; see {@link Grid.lines}. */
interface Three {
  source: Value;
  within?: Value;
}

/** Greater than any index. */
export const FAR = 2 ** 40;

/**
 * The height and width of features stored as rows [b * h * w, c], known only when the graph runs, and the rows that
 * each kind of 3x3 convolution reads. All values are int64 [1].
 */
export class Grid {
  readonly batch: Value;
  readonly height: Value;
  readonly width: Value;
  /** h * w. */
  readonly places: Value;
  readonly #g: GraphBuilder;
  readonly #indices = new Map<string, Value>();
  #half?: Grid;
  #double?: Grid;

  /** @param multiple the height is a multiple of it, whatever the picture. */
  constructor(
    g: GraphBuilder,
    batch: Value,
    height: Value,
    width: Value,
    readonly multiple = 1,
  ) {
    this.#g = g;
    this.batch = batch;
    this.height = height;
    this.width = width;
    this.places = g.op('Mul', [height, width]);
  }

  /** The grid after downsampling: half as high and wide. */
  get half(): Grid {
    if (!this.#half) {
      this.#half = this.#scaled('Div', Math.max(1, this.multiple / 2));
      this.#half.#double = this;
    }
    return this.#half;
  }

  get double(): Grid {
    if (!this.#double) {
      this.#double = this.#scaled('Mul', this.multiple * 2);
      this.#double.#half = this;
    }
    return this.#double;
  }

  /** The grid of what a convolution returns. */
  after({ stride, scale }: Window): Grid {
    return stride === 2 ? this.half : scale === 2 ? this.double : this;
  }

  /** [b, h, w, channels] as a shape. */
  shape(channels: number): Value {
    return this.#g.op('Concat', [this.batch, this.height, this.width, this.#g.ints(channels)], { axis: 0 });
  }

  /** [b, h * w, channels] as a shape. */
  sequences(channels: number): Value {
    return this.#g.op('Concat', [this.batch, this.#g.ints(-1, channels)], { axis: 0 });
  }

  /**
   * The rows in the window of each output position: int32 [rows, 9], from top left to bottom right. Positions outside
   * the picture are the row after the last, b * h * w.
   */
  windows(window: Window): Value {
    return this.#once(`windows ${JSON.stringify(window)}`, () => {
      const g = this.#g;
      const lines = this.lines(range(g, this.after(window).height), window);
      const picture = g.op('Mul', [range(g, this.batch), this.places]);
      const y = g.op('Add', [
        g.op('Reshape', [picture, g.ints(-1, 1, 1)]),
        g.op('Mul', [this.#inside(lines, this.height), this.width]),
      ]);
      return windowsOf(
        g,
        g.op('Reshape', [y, g.ints(-1, 3)]),
        this.columns(window),
        g.op('Mul', [this.batch, this.places]),
      );
    });
  }

  /**
   * The three lines that each line of a convolution's result reads, [n, 3], and whether they are in the picture; absent
   * where lines go on beyond an edge at the opposite one, which are counted on here.
   */
  lines(results: Value, window: Window): Three {
    return this.#three(results, this.height, window, wraps(this.#g.form.tile).down);
  }

  /** The three columns that each column of a convolution's result reads, [w, 3]; FAR where there is none. */
  columns(window: Window): Value {
    return this.#once(`columns ${JSON.stringify(window)}`, () => {
      const g = this.#g;
      const results = range(g, this.after(window).width);
      return this.#inside(this.#three(results, this.width, window, wraps(g.form.tile).across), this.width);
    });
  }

  /** FAR for what is outside. @param side of the picture. */
  #inside({ source, within }: Three, side: Value): Value {
    const g = this.#g;
    return within ? g.op('Where', [within, source, g.ints(FAR)]) : g.op('Mod', [source, side]);
  }

  #three(results: Value, side: Value, { stride, scale, pad }: Window, goesOn: boolean): Three {
    const g = this.#g;
    const first = g.op('Mul', [results, g.ints(stride)]);
    const at = g.op('Add', [g.op('Unsqueeze', [first, g.ints(1)]), g.ints(-pad, 1 - pad, 2 - pad)]);
    if (goesOn) {
      if (scale === 1) return { source: at };
      // Div rounds towards zero, and the first is -1.
      const later = g.op('Div', [g.op('Add', [at, g.ints(scale)]), g.ints(scale)]);
      return { source: g.op('Sub', [later, g.ints(1)]) };
    }
    const long = scale === 1 ? side : g.op('Mul', [side, g.ints(scale)]);
    return {
      source: scale === 1 ? at : g.op('Div', [at, g.ints(scale)]),
      within: g.op('And', [g.op('GreaterOrEqual', [at, g.ints(0)]), g.op('Less', [at, long])]),
    };
  }

  #scaled(op: 'Mul' | 'Div', multiple: number): Grid {
    const [h, w] = [this.height, this.width].map((side) => this.#g.op(op, [side, this.#g.ints(2)]));
    return new Grid(this.#g, this.batch, h!, w!, multiple);
  }

  #once(key: string, make: () => Value): Value {
    const value = this.#indices.get(key) ?? make();
    this.#indices.set(key, value);
    return value;
  }
}

/**
 * int32 [lines * columns, 9]: the rows around each position.
 *
 * @param y [lines, 3], the rows at which the lines begin. @param x [columns, 3]. @param outside the row for what is outside.
 */
export function windowsOf(g: GraphBuilder, y: Value, x: Value, outside: Value): Value {
  // [lines, 1, 3, 1] and [1, columns, 1, 3]
  const rows = g.op('Add', [g.op('Unsqueeze', [y, g.ints(1, 3)]), g.op('Unsqueeze', [x, g.ints(0, 2)])]);
  const inside = g.op('Min', [rows, outside]);
  return g.op('Cast', [g.op('Reshape', [inside, g.ints(-1, 9)])], { to: INT32 });
}

/** 0, 1, ... count - 1. @param count int64 [1] */
export function range(g: GraphBuilder, count: Value): Value {
  return g.op('Range', [g.index(0), g.op('Squeeze', [count]), g.index(1)]);
}

const INT32 = 6;
