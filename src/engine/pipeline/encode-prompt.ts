import { malformed } from '../check.js';
import type { Tensor } from '../networks.js';
import { timedNegative, timedPrompts } from '../text/texts.js';
import type { Engine } from './engine.js';
import type { PaintOptions } from './progress.js';
import { type PipelineRequest, type Plan, planOf } from './request.js';

export type EncodeRequest = Pick<PipelineRequest, 'prompt' | 'negative' | 'count' | 'syntax' | 'clipSkip'>;

/** What the noise predictor is told, as a request takes it: [pictures, tokens, width] each. */
export interface Embeddings {
  readonly promptEmbeddings: Tensor;
  /** Absent for models that read the guidance scale (LCM), which nothing steers away from. */
  readonly negativeEmbeddings?: Tensor;
}

/** Encodes prompts and negative prompts, as one length. @throws RequestError for words that change while a picture is painted, and AND. */
export async function encodePrompt(engine: Engine, request: EncodeRequest, options: PaintOptions): Promise<Embeddings> {
  // Any scale but 1 asks for both.
  const plan = planOf(engine.model, { ...request, scale: 2 });
  if (plan.syntax === 'weighted') requireOneText(plan);
  const conditions = await engine.condition(plan, options);
  const { cond, uncond } = await conditions.at(0);
  return { promptEmbeddings: cond, ...(uncond && { negativeEmbeddings: uncond }) };
}

function requireOneText({ prompts, negatives, pass }: Plan): void {
  const timed = prompts.map((prompt) => timedPrompts(prompt, pass));
  if (timed.some((joined) => joined.length > 1)) {
    throw malformed(
      'prompt',
      'joins several with AND, which no embeddings can do: encode each by itself, or leave AND out.',
    );
  }
  const phases = [
    ...timed.flat().map((one) => one.phases),
    ...negatives.map((negative) => timedNegative(negative, pass)),
  ];
  if (phases.every((own) => own.every(({ text }) => text === own[0]!.text))) return;
  throw malformed(
    'prompt or negative',
    'has words that change while a picture is painted, and embeddings do not: leave the change out.',
  );
}
