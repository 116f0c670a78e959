type Field = HTMLTextAreaElement | HTMLInputElement;

/** Writes a text after it was cleaned up, keeping the caret before the same character. */
export function keepCaret(field: Field, text: string): void {
  if (field.value === text) return;
  const behind = field.value.length - (field.selectionEnd ?? field.value.length);
  field.value = text;
  const caret = Math.max(0, text.length - behind);
  field.setSelectionRange(caret, caret);
}
