/**
 * Whether an input method is composing: it handles keys itself, including Enter and Escape, and its text is not final.
 * For the Enter that ends a composition, Safari only says so by the key code (UI Events, "Keyboard events during
 * composition").
 */
export function isComposing(event: Event): boolean {
  if (event instanceof KeyboardEvent) return event.isComposing || event.keyCode === 229;
  return event instanceof InputEvent && event.isComposing;
}

/** Whether a field's new text was inserted at once. */
export function isPaste(event: Event): boolean {
  return event instanceof InputEvent && ['insertFromPaste', 'insertFromDrop'].includes(event.inputType);
}
