/** Of the engine, and of all that is released with it. `npm version` writes it: it must be right in a bundle too. */
export const version: string = '0.1.0';
