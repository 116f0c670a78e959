/** Bytes of one text in a picture file that are read: many times the longest prompt, and parsed in a blink. */
export const MAX_TEXT = 2 ** 16;
