import type { Container } from '../checkpoint/container.js';
import { areFinite, readValues } from '../checkpoint/values.js';
import { CheckpointError } from '../errors.js';
import { understandLora } from './read.js';

/**
 * Checks a LoRA without a model: what is in it, and the notices that merging it would give.
 *
 * @param values also read its numbers.
 * @throws CheckpointError if it could not be merged into any model.
 */
export async function checkLora(
  path: string,
  container: Container,
  values: boolean,
): Promise<{ content: string; warnings: readonly string[] }> {
  const { modules, ways, embeddings, warnings } = await understandLora(path, container);
  if (values) {
    for (const [module, parts] of modules) {
      for (const tensor of parts.values()) {
        if (!areFinite(await readValues(tensor))) throw notANumber(path, module);
      }
    }
  }
  const what = `modules: ${modules.size}; ${[...ways].join(', ') || 'biases only'}`;
  const words = [...embeddings.keys()].map((word) => `the embedding "${word.slice(0, 80)}"`);
  return { content: [what, ...words].join('; '), warnings };
}

export function notANumber(path: string, module: string): CheckpointError {
  return new CheckpointError(
    `${path}: there are NaN or infinite numbers in it (module "${module.slice(0, 100)}"). Pictures would turn black: use another copy of the LoRA.`,
  );
}
