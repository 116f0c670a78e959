import { spoken, t } from './words.js';

/** A picture in a message or the lightbox. */
export interface ShownPicture {
  url: string;
  filename: string;
  alt: string;
  width: number;
  height: number;
  spoiler: boolean;
}

/** Pixels per side from which a picture is enlarged; smaller ones are icons. */
const WORTH_A_LOOK = 128;
const LARGEST_SCALE = 2;

/**
 * The size in the message, within Discord's limits. Small pictures are drawn at up to twice their size, because a small
 * model's grid would be lost on a large screen.
 */
export function fitted({ width, height }: { width: number; height: number }, maxWidth = 550, maxHeight = 350) {
  const scale = Math.min(
    Math.min(width, height) < WORTH_A_LOOK ? 1 : LARGEST_SCALE,
    maxWidth / width,
    maxHeight / height,
  );
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
