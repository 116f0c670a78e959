/**
 * Text as it may be shown on a terminal: without control characters, which that would act on. Prompts, names of tensors and
 * words of embeddings come from strangers' files, and so do the messages that repeat them.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\ufffd');
}
