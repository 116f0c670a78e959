import type { GraphBuilder } from './builder.js';
import type { Layout } from './layout.js';
import { pictures } from './pictures.js';
import { floatProducts, int8Products } from './products.js';
import { rows } from './rows.js';

/** The layout for a graph's form. Networks treat features as opaque. */
export function layoutOf(g: GraphBuilder): Layout<unknown> {
  const { int8, bands } = g.form;
  if (!int8 && !bands) return pictures(g) as Layout<unknown>;
  return rows(g, int8 ? int8Products(g) : floatProducts(g)) as Layout<unknown>;
}
