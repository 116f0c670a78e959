/** An uploaded file: `files[n]`. */
export interface UploadedFile {
  /** The n that `attachments[].id` refers to. */
  readonly n: number;
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The fields of a message that a request sets; see the documentation, "Create Message" and "Edit Message". */
// biome-ignore lint/suspicious/noExplicitAny: what a client sent, checked by rules/message.ts and by the API's own schema
export type MessageInput = Record<string, any>;
