import type { GraphBuilder, Value } from './builder.js';

/** Which places a 3x3 convolution looks at. */
export interface Window {
  stride: 1 | 2;
  /** 2: of the picture doubled by its nearest neighbours. */
  scale: 1 | 2;
  /** Above and on the left; below and on the right there is as much as it takes. */
  pad: 0 | 1;
}

/** Greater than any index. */
const FAR = 2 ** 40;

/**
 * Height and width of features that lie in rows [b * h * w, c], both known only when the graph runs, and for each kind of
 * 3x3 convolution the rows that it reads.
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
    /** Equal pieces that the rows can be taken in whatever the sides are. */
    readonly pieces = 1,
  ) {
    this.#g = g;
    this.#batch = batch;
    this.#height = height;
    this.#width = width;
    this.places = g.op('Mul', [height, width]);
  }

  /** The grid of the next level inwards, whose sides are half as long. */
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
   * The rows under the window of each place that comes out: int32 [rows, 9], from the top left to the bottom right. What is
   * outside the picture is the row after the last, b * h * w.
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

  /** Along one side, for each place that comes out: the three that it reads, [places, 3], FAR where there is none. */
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
