/**
 * Text without the control characters that a terminal would act on, and without those that turn the direction of writing. Prompts, names of tensors and words of embeddings
 * come from strangers' files, and error messages repeat them.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '\ufffd');
}
