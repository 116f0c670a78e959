import type { PaintOptions, Preview, Progress } from './progress.js';

/**
 * Tells of progress, and waits for the looks that are asked for meanwhile: they may run the decoder, for which the next step's
 * memory may be released.
 */
export async function report(
  onProgress: PaintOptions['onProgress'],
  progress: Omit<Progress, 'previews'>,
  look: () => Promise<Preview[]>,
): Promise<void> {
  let looks: Promise<unknown> | undefined;
  onProgress?.({
    ...progress,
    previews: () => {
      const previews = look();
      looks = previews;
      return previews;
    },
  });
  await looks?.catch(() => {});
}
