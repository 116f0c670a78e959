import { type SubPrompt, subPromptsOf } from './joined.js';
import { withoutTags } from './prompt.js';
import { type Pass, type Phase, phasesOf } from './schedule.js';

/** One of the prompts that AND joins, through a run. */
export interface TimedPrompt {
  readonly phases: readonly Phase[];
  readonly weight: SubPrompt['weight'];
}

/**
 * What a prompt says when: first AND, then what changes while a picture is painted; stresses and BREAKs are still in the
 * texts. @throws RequestError if too many are joined.
 */
export function timedPrompts(prompt: string, pass: Pass): TimedPrompt[] {
  return subPromptsOf(withoutTags(prompt)).map(({ text, weight }) => ({ phases: phasesOf(text, pass), weight }));
}

/** A negative prompt changes as well, but AND is a word in it. */
export function timedNegative(negative: string, pass: Pass): Phase[] {
  return phasesOf(withoutTags(negative), pass);
}

/** Every text that the text encoder is given for a prompt, each once. @throws RequestError if too many are joined. */
export function textsOf(prompt: string, pass: Pass): string[] {
  return [...new Set(timedPrompts(prompt, pass).flatMap(({ phases }) => phases.map(({ text }) => text)))];
}
