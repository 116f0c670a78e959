import type { GraphBuilder, Value } from './builder.js';

/** Which pixels a 3x3 convolution reads. */
export interface Window {
  stride: 1 | 2;
  /** 2: it reads the picture enlarged twofold by nearest neighbour. */
  scale: 1 | 2;
  /** At the top and on the left; at the bottom and on the right it is as much as needed. */
  pad: 0 | 1;
}

/** Greater than any index. */
const FAR = 2 ** 40;

/**
 * The height and width of features stored as rows [b * h * w, c], known only when the graph runs, and the rows that
 * each kind of 3x3 convolution reads.
 */
export class Grid {
  /** h * w, [1]. */
  readonly places: Value;
  readonly #g: GraphBuilder;
  readonly #batch: Value;
  readonly #height: Value;
  readonly #width: Value;
  readonly #indices = new Map<string, Value>();
  #half?: Grid;
  #double?: Grid;

  /** @param batch, height, width int64 [1] */
  constructor(
    g: GraphBuilder,
    batch: Value,
    height: Value,
    width: Value,
    /** The number of equal pieces the rows can be split into, whatever the height and width. */
    readonly pieces = 1,
  ) {
    this.#g = g;
    this.#batch = batch;
    this.#height = height;
    this.#width = width;
    this.places = g.op('Mul', [height, width]);
  }

  /** The grid after downsampling: half as high and wide. */
  get half(): Grid {
    if (!this.#half) {
      const two = this.#g.ints(2);
      const [h, w] = [this.#height, this.#width].map((side) => this.#g.op('Div', [side, two]));
      this.#half = new Grid(this.#g, this.#batch, h!, w!, this.pieces / 4);
      this.#half.#double = this;
    }
    return this.#half;
  }

  get double(): Grid {
    if (!this.#double) {
      const two = this.#g.ints(2);
      const [h, w] = [this.#height, this.#width].map((side) => this.#g.op('Mul', [side, two]));
      this.#double = new Grid(this.#g, this.#batch, h!, w!, this.pieces * 4);
      this.#double.#half = this;
    }
    return this.#double;
  }

  /** [b, h, w, channels] as a shape. */
  shape(channels: number): Value {
    const { batch, height, width } = { batch: this.#batch, height: this.#height, width: this.#width };
    return this.#g.op('Concat', [batch, height, width, this.#g.ints(channels)], { axis: 0 });
  }

  /** [b, h * w, channels] as a shape. */
  sequences(channels: number): Value {
    return this.#g.op('Concat', [this.#batch, this.#g.ints(-1, channels)], { axis: 0 });
  }

  /**
   * The rows in the window of each output position: int32 [rows, 9], from top left to bottom right. Positions outside
   * the picture are the row after the last, b * h * w.
   */
  windows(window: Window): Value {
    const key = JSON.stringify(window);
    const known = this.#indices.get(key);
    if (known) return known;
    const g = this.#g;
    const all = g.op('Mul', [this.#batch, this.places]);
    const y = g.op('Mul', [this.#axis(this.#height, window), this.#width]);
    const x = this.#axis(this.#width, window);
    const picture = g.op('Mul', [this.#range(this.#batch), this.places]);
    const parts = [
      g.op('Reshape', [picture, g.ints(-1, 1, 1, 1, 1)]),
      // [1, h, 1, 3, 1] and [1, 1, w, 1, 3]
      g.op('Unsqueeze', [y, g.ints(0, 2, 4)]),
      g.op('Unsqueeze', [x, g.ints(0, 1, 3)]),
    ] as const;
    const rows = g.op('Add', [g.op('Add', [parts[0], parts[1]]), parts[2]]);
    const inside = g.op('Min', [rows, all]);
    const index = g.op('Cast', [g.op('Reshape', [inside, g.ints(-1, 9)])], { to: INT32 });
    this.#indices.set(key, index);
    return index;
  }

  /** Along one side, the three positions that each output position reads, [places, 3]; FAR where there is none. */
  #axis(side: Value, { stride, scale, pad }: Window): Value {
    const g = this.#g;
    const long = scale === 1 ? side : g.op('Mul', [side, g.ints(scale)]);
    const places = stride === 1 ? long : g.op('Div', [long, g.ints(stride)]);
    const first = g.op('Mul', [this.#range(places), g.ints(stride)]);
    const at = g.op('Add', [g.op('Unsqueeze', [first, g.ints(1)]), g.ints(-pad, 1 - pad, 2 - pad)]);
    const source = scale === 1 ? at : g.op('Div', [at, g.ints(scale)]);
    const within = g.op('And', [g.op('GreaterOrEqual', [at, g.ints(0)]), g.op('Less', [at, long])]);
    return g.op('Where', [within, source, g.ints(FAR)]);
  }

  /** 0, 1, ... count - 1. @param count int64 [1] */
  #range(count: Value): Value {
    const g = this.#g;
    return g.op('Range', [g.index(0), g.op('Squeeze', [count]), g.index(1)]);
  }
}

const INT32 = 6;
