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
  const units = ['bytes', 'KB', 'MB', 'GB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${Number((bytes / 1024 ** power).toFixed(power > 0 ? 1 : 0))} ${units[power]}`;
}
