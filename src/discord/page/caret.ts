type Field = HTMLTextAreaElement | HTMLInputElement;

/** Writes what is left of a text once it was tidied; the caret stays in front of what it was in front of. */
export function keepCaret(field: Field, text: string): void {
  if (field.value === text) return;
  const behind = field.value.length - (field.selectionEnd ?? field.value.length);
  field.value = text;
  const caret = Math.max(0, text.length - behind);
  field.setSelectionRange(caret, caret);
}
