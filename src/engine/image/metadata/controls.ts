import type { ControlParameters, ReadControl } from './parameters.js';

/** The ControlNet extension's words for its control modes (sd-webui-controlnet, scripts/enums.py). */
const BALANCED = 'Balanced';
/** Guess mode. */
const CONTROL_FIRST = 'ControlNet is more important';

/** What the extension always writes, as it is here: pictures are cut to the shape, and worked on at the size that is painted. */
const RESIZE_MODE = 'Crop and Resize';
const PIXEL_PERFECT = 'True';

/** The label of the n-th, from 0, in AUTOMATIC1111's text. */
export const controlLabel = (index: number): string => `ControlNet ${index}`;

/** Whether a label is one of {@link controlLabel}. */
export const isControlLabel = (label: string): boolean => /^ControlNet \d{1,2}$/.test(label);

/**
 * The value of that label, as the ControlNet extension writes it (sd-webui-controlnet, scripts/infotext.py): fields with
 * commas between, which neither names nor values may have.
 */
export function controlText(control: ControlParameters | ReadControl): string {
  const { module, model, weight, thresholds, start, end, guess, other } = { other: {}, ...control };
  const fields: [string, string | number | undefined][] = [
    ['Module', module],
    ['Model', model],
    ['Weight', weight],
    ['Threshold A', thresholds?.[0]],
    ['Threshold B', thresholds?.[1]],
    ['Guidance Start', start],
    ['Guidance End', end],
    ['Control Mode', guess === undefined ? undefined : guess ? CONTROL_FIRST : BALANCED],
    ...Object.entries({ ...('other' in control ? {} : OWN), ...other }),
  ];
  return fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${String(value).replaceAll(/[,:\s]+/g, ' ')}`)
    .join(', ');
}

const OWN = { 'Resize Mode': RESIZE_MODE, 'Pixel Perfect': PIXEL_PERFECT };

/** Reads {@link controlText}; null if it is something else. Fields without a name of Easel's are kept as they are. */
export function readControl(text: string): ReadControl | null {
  const pairs = text.split(',').map((item) => /^\s*([^:]+?):\s*([^:]*?)\s*$/.exec(item));
  if (!pairs.every((pair) => pair !== null)) return null;
  const fields = new Map(pairs.map((pair) => [pair[1]!, pair[2]!]));
  if (!fields.has('Module') && !fields.has('Model')) return null;
  const words = (name: string) => {
    const value = fields.get(name);
    fields.delete(name);
    return value;
  };
  const number = (name: string) => {
    const value = fields.get(name);
    if (value === undefined || value === '' || !Number.isFinite(Number(value))) return undefined;
    fields.delete(name);
    return Number(value);
  };
  const [a, b] = [fields.get('Threshold A'), fields.get('Threshold B')].map(Number);
  const thresholds = a! >= 0 && b! >= 0 ? ([number('Threshold A')!, number('Threshold B')!] as const) : undefined;
  const mode = fields.get('Control Mode');
  if (mode === BALANCED || mode === CONTROL_FIRST) fields.delete('Control Mode');
  const known = {
    module: words('Module'),
    model: words('Model'),
    weight: number('Weight'),
    thresholds,
    start: number('Guidance Start'),
    end: number('Guidance End'),
    guess: mode === BALANCED ? false : mode === CONTROL_FIRST ? true : undefined,
  };
  const given = Object.entries(known).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), other: Object.fromEntries(fields) };
}
