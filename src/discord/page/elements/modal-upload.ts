import { html, nothing, type TemplateResult } from 'lit';
import { extensionsOf } from '../../rules/file-types.js';
import { t } from '../words.js';
import { icon } from './icon.js';

interface Upload {
  id: string;
  name: string;
  several: boolean;
  types: readonly string[] | undefined;
  /** Those that were chosen. */
  files: readonly File[];
  choose: (files: File[]) => void;
  /** Paints a mask on the picture of the message that the form belongs to; null if it has none. */
  paint: (() => void) | null;
}

/** A form's file upload. A mask need not be a file of one's own: it can be painted here. */
export function modalUpload({ id, name, several, types, files, choose, paint }: Upload): TemplateResult {
  const chosen = (event: Event) => choose([...((event.target as HTMLInputElement).files ?? [])]);
  return html`<input class="field" id=${id} name=${name} type="file" accept=${extensionsOf(types)?.join(',') ?? nothing} ?multiple=${several} @change=${chosen} />
    ${paint ? html`<button type="button" class="action" style="margin-top:8px" @click=${paint}>${icon('brush', 18)} ${t('form.mask')}</button>` : nothing}
    ${paint && files.length > 0 ? html`<small role="status" style="margin-top:8px">${files.map(({ name }) => name).join(', ')}</small>` : nothing}`;
}
