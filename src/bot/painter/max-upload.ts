/** Pixels of an upload, read from its header before it is decoded, so that decompression bombs are refused. */
export const MAX_UPLOAD_PIXELS = 40e6;
