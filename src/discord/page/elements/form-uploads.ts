import type { TemplateResult } from 'lit';
import type { CommandDraft, Next } from '../command-draft.js';
import { type OptionSpec, problemOf } from '../command-options.js';
import { Option } from '../numbers.js';
import { optionUpload } from './option-upload.js';

/** Asks for a mask on a picture. Bubbles up to the owner of the mask brush, who calls `set` with both. */
export type PaintMask = { file: File; set: (image: File, mask: File) => void };

interface Uploads {
  /** The draft has changed. */
  changed: (next?: Next) => void;
  /** A file was chosen: the caret moves on. */
  chosen: () => void;
  paint: (detail: PaintMask) => void;
  focus: (spec: OptionSpec) => void;
  key: (event: KeyboardEvent, spec: OptionSpec) => void;
}

/** The boxes of a command's file options. */
export function formUploads(draft: CommandDraft, uploads: Uploads): TemplateResult[] {
  return draft.files.map((spec) => upload(draft, spec, uploads));
}

function upload(draft: CommandDraft, spec: OptionSpec, uploads: Uploads): TemplateResult {
  const { name } = spec;
  const value = draft.typed.get(name);
  const file = value instanceof File ? value : null;
  const [picture, mask] = draft.entry.options.filter(({ type }) => type === Option.Attachment);
  const takesMask = picture === spec && mask?.name === 'mask';
  /** Removes the file first, then the option. */
  const remove = () => {
    if (!file) return uploads.changed(draft.remove(name));
    draft.set(name, '');
    // The button is gone with the file; the box is where another one is chosen.
    uploads.changed(name);
  };
  const set: PaintMask['set'] = (image, painted) => {
    draft.set(name, image);
    draft.set(mask!.name, painted);
    uploads.changed();
  };
  return optionUpload(spec, {
    file,
    bad: draft.wrong === name || Boolean(file && problemOf(spec, file)),
    choose: (chosen) => {
      draft.set(name, chosen);
      uploads.chosen();
    },
    remove: file || !spec.required ? remove : null,
    paint: file && takesMask ? () => uploads.paint({ file, set }) : null,
    focus: () => uploads.focus(spec),
    key: (event) => uploads.key(event, spec),
  });
}
