import type { BuiltGraph } from '../graph/built-graph.js';
import { type DeviceForms, FUSED, type GraphForm } from '../graph/form.js';
import { buildTrial, TRIAL_PARTS, type TrialPart, trialFeeds } from '../graph/trial.js';
import { executionProvider, type Provider } from './provider.js';
import { type Feeds, NetworkSession, type Output } from './session.js';

/** The result of a device's trial. Errors are the largest of all parts, relative to the range of the CPU's numbers. */
export interface Trial {
  /** How graphs must be written so that the device computes what the CPU does; undefined if there is no way. */
  readonly forms?: DeviceForms;
  readonly float32?: number;
  /** Undefined where there is no float16, or no form in which it is correct. */
  readonly float16?: number;
  /** Why no form is correct. */
  readonly refusal?: string;
}

export type RunGraph = (
  provider: Provider,
  graph: () => Promise<BuiltGraph>,
  feeds: Feeds,
  outputs: readonly string[],
) => Promise<Record<string, Output>>;

/**
 * Errors that the number formats explain. Where float32 is asked for, NVIDIA's GPUs may multiply with ten bits (TF32);
 * wrong results are off by tenths.
 */
const TOLERANCE = { float32: 3e-3, float16: 2e-2 };

const PARTS = Object.keys(TRIAL_PARTS) as TrialPart[];

/**
 * Runs the trial network on a device and on the CPU. Parts that are off are tried once more in their plain form.
 *
 * @param headSize see {@link buildTrial}.
 */
export async function tryDevice(provider: Provider, headSize: number, run: RunGraph = runOnce): Promise<Trial> {
  const feeds = trialFeeds(headSize);
  const on = (where: Provider, form: GraphForm) => run(where, () => buildTrial(form, headSize), feeds, PARTS);
  const right = await on('cpu', FUSED);
  const attempt = (float: 'float32' | 'float16') =>
    findForm({ ...FUSED, float, castTables: true }, async (form) => errorsOf(await on(provider, form), right));

  const full = await attempt('float32');
  if (!full.form) return { refusal: full.refusal };
  const half = await attempt('float16');
  return {
    forms: { float32: full.form, ...(half.form && { float16: half.form }) },
    float32: full.error,
    ...(half.form && { float16: half.error }),
  };
}

interface Attempt {
  form?: GraphForm;
  error?: number;
  refusal?: string;
}

async function findForm(
  form: GraphForm,
  measure: (form: GraphForm) => Promise<Record<TrialPart, number>>,
): Promise<Attempt> {
  let wrong: readonly TrialPart[] = PARTS;
  let refusal: string;
  try {
    const errors = await measure(form);
    wrong = PARTS.filter((part) => !(errors[part] <= TOLERANCE[form.float]));
    if (wrong.length === 0) return { form, error: Math.max(...Object.values(errors)) };
    refusal = wrong.map((part) => `${part} off by ${percent(errors[part])}`).join(', ');
    refusal = `it computes wrongly (${refusal} of their range)`;
  } catch (error) {
    refusal = (error as Error).message.replace(/\.$/, '');
  }
  const plain = withPlain(form, wrong);
  return plain ? findForm(plain, measure) : { refusal };
}

/** With these parts in their plain form; undefined if that changes nothing. */
function withPlain(form: GraphForm, parts: readonly TrialPart[]): GraphForm | undefined {
  const keys = parts.flatMap((part) => TRIAL_PARTS[part] ?? []).filter((key) => form[key] === 'fused');
  return keys.length > 0 ? { ...form, ...Object.fromEntries(keys.map((key) => [key, 'plain'])) } : undefined;
}

function errorsOf(got: Record<string, Output>, want: Record<string, Output>): Record<TrialPart, number> {
  const errorOf = (part: TrialPart) => {
    let [largest, range] = [0, 0];
    const [values, right] = [got[part]!.data, want[part]!.data];
    for (let i = 0; i < right.length; i++) {
      // NaN propagates through Math.max.
      largest = Math.max(largest, Math.abs(values[i]! - right[i]!));
      range = Math.max(range, Math.abs(right[i]!));
    }
    return largest / range;
  };
  return Object.fromEntries(PARTS.map((part) => [part, errorOf(part)])) as Record<TrialPart, number>;
}

/** "12 %", or "NaN". */
function percent(error: number): string {
  return Number.isFinite(error) ? `${(100 * error).toPrecision(2)} %` : 'NaN';
}

/** A graph on a provider, in a session of its own. */
export async function runOnce(
  provider: Provider,
  graph: () => Promise<BuiltGraph>,
  feeds: Feeds,
  outputs: readonly string[],
): Promise<Record<string, Output>> {
  const executionProviders = provider === 'cpu' ? [provider] : [executionProvider(provider), 'cpu'];
  await using session = new NetworkSession('the trial', graph, { executionProviders, logSeverityLevel: 4 });
  return await session.run(feeds, outputs);
}
