import { css, html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { nameOf } from '../names.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { spoken, t } from '../words.js';
import { messageStyles } from './message-styles.js';

/** Who is typing in the channel. The line keeps its height when nobody is. */
@customElement('easel-typing')
export class TypingLine extends LitElement {
  static override styles = [
    messageStyles,
    css`
      :host {
        display: flex !important;
        align-items: center;
        gap: 6px;
        height: 24px;
        margin: 0 !important;
        padding: 0 !important;
        font-size: 14px;
        background: none !important;
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store, () => [...store.named, store.typists.in(store.place.channel ?? '')]);
  }

  protected override render() {
    const names = [...(store.typists.in(store.place.channel ?? '')?.keys() ?? [])].map((id) =>
      nameOf(store.userOf(id)),
    );
    if (names.length === 0) return nothing;
    const text =
      names.length > 3
        ? t('typing.many')
        : t(names.length > 1 ? 'typing.some' : 'typing.one', { names: new Intl.ListFormat(spoken()).format(names) });
    return html`<span class="dots"><i></i><i></i><i></i></span><span>${text}</span>`;
  }
}
