import type { Pixels } from '../../engine/image/pixels.js';
import { axisLabel } from '../request/axes.js';
import type { Axis } from '../request/paint-request.js';
import { type Translate, translateFor } from '../text/i18n.js';
import { labelledGrid } from './labelled-grid.js';

/**
 * The characters that the font that ships has. The bot's own labels must not depend on the system's fonts, so where it lacks
 * some they are in English instead.
 */
const DRAWN = /^[ -~\u00a0-ÿŒœ‘’“”–—…]*$/;

/**
 * Pictures of one size in the rows and columns of a table, with their differences written above and to the left.
 *
 * @param axes columns, then rows.
 */
export function tablePicture(pictures: readonly Pixels[], axes: readonly Axis[], t: Translate): Promise<Pixels> {
  const [columns = [], rows = []] = axes.map((axis) => axis.values.map((value) => label(axis, value, t)));
  return labelledGrid(pictures, columns, rows);
}

function label(axis: Axis, value: string, t: Translate): string {
  const own = axisLabel(axis, value, t);
  return DRAWN.test(own) ? own : axisLabel(axis, value, translateFor('en'));
}
