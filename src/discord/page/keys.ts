/**
 * Whether an input method is still at work: its keys are its own, Enter and Escape among them, and what it has written so far is
 * not yet text. Safari says so by the key code alone, of the Enter that ends it (UI Events, "Keyboard events during composition").
 */
export function isComposing(event: Event): boolean {
  if (event instanceof KeyboardEvent) return event.isComposing || event.keyCode === 229;
  return event instanceof InputEvent && event.isComposing;
}

/** Whether what a field holds now came into it at once. */
export function isPaste(event: Event): boolean {
  return event instanceof InputEvent && ['insertFromPaste', 'insertFromDrop'].includes(event.inputType);
}
