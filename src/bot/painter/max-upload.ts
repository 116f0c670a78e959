/** Of an upload, known before it is decoded: a bomb is refused by its header. */
export const MAX_UPLOAD_PIXELS = 40e6;
