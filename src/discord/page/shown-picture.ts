import { spoken, t } from './words.js';

/** A picture as the message shows it, and as the lightbox takes it. */
export interface ShownPicture {
  url: string;
  filename: string;
  alt: string;
  width: number;
  height: number;
  spoiler: boolean;
}

/** Size in the message: Discord's limits, never enlarged. */
export function fitted({ width, height }: { width: number; height: number }, maxWidth = 550, maxHeight = 350) {
  const scale = Math.min(1, maxWidth / width, maxHeight / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

const IMAGE = /^image\/(png|jpeg|webp|gif|avif|apng)/;

export function isPicture(attachment: { content_type?: string; width?: number | null }): boolean {
  return Boolean(attachment.width && IMAGE.test(attachment.content_type ?? ''));
}

export function formatBytes(bytes: number): string {
  const units = ['size.bytes', 'size.kilobytes', 'size.megabytes'] as const;
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const size = (bytes / 1024 ** power).toLocaleString(spoken(), { maximumFractionDigits: power > 0 ? 1 : 0 });
  return t(units[power]!, { size });
}
