import type { GraphBuilder } from './builder.js';
import type { Layout } from './layout.js';
import { pictures } from './pictures.js';
import { int8Rows } from './rows.js';

/** The layout for a graph's form. Networks treat features as opaque. */
export function layoutOf(g: GraphBuilder): Layout<unknown> {
  return (g.form.int8 ? int8Rows(g) : pictures(g)) as Layout<unknown>;
}
