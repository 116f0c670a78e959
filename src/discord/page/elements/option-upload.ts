import { html, nothing, type TemplateResult } from 'lit';
import { extensionsOf } from '../../rules/file-types.js';
import type { OptionSpec } from '../command-options.js';
import { formatBytes } from '../shown-picture.js';
import { t } from '../words.js';
import './file-picture.js';
import { icon } from './icon.js';

interface Upload {
  file: File | null;
  bad: boolean;
  choose: (file: File) => void;
  /** Removes the file, or the option; null if neither can be removed. */
  remove: (() => void) | null;
  /** Paints a mask on the file; null if that is not possible. */
  paint: (() => void) | null;
  focus: () => void;
  key: (event: KeyboardEvent) => void;
}

/** The box of a file option. */
export function optionUpload(
  spec: OptionSpec,
  { file, bad, choose, remove, paint, focus, key }: Upload,
): TemplateResult {
  const chosen = (event: Event) => {
    const [one] = (event.target as HTMLInputElement).files ?? [];
    if (one) choose(one);
  };
  const dropped = (event: DragEvent) => {
    const [one] = event.dataTransfer?.files ?? [];
    if (!one) return;
    event.preventDefault();
    event.stopPropagation();
    choose(one);
  };
  return html`<div class="upload ${bad ? 'bad' : ''}">
    <label @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${dropped}>
      ${file?.type.startsWith('image/') ? html`<easel-file-picture .file=${file}></easel-file-picture>` : icon('upload', 28)}
      <span><strong>${spec.label}</strong> ${file ? `${file.name}, ${formatBytes(file.size)}` : t('form.upload')}</span>
      <input
        type="file"
        class="unseen"
        data-option=${spec.name}
        aria-label=${spec.label}
        accept=${extensionsOf(spec.file_types)?.join(',') ?? nothing}
        @change=${chosen}
        @focus=${focus}
        @keydown=${key}
      />
    </label>
    ${paint ? html`<button class="action" @click=${paint}>${icon('brush', 18)} ${t('form.mask')}</button>` : nothing}
    ${remove ? html`<button class="drop" aria-label=${t('composer.remove', { name: spec.label })} @click=${remove}>${icon('close', 16)}</button>` : nothing}
  </div>`;
}
