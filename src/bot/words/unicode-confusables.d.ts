/** Only what is used here: the package's own types are in a file that TypeScript does not find (0.1.1: index.ts.d). */
declare module 'unicode-confusables' {
  /** Replaces each character by its prototype in Unicode TS 39. */
  export function rectifyConfusion(text: string): string;
}
