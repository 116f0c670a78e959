import { html, type TemplateResult } from 'lit';
import { type Block, type Inline, isEmojiAlone, parseMarkdown } from '../markdown.js';
import { emojiUrl, nameOf } from '../names.js';
import { localPath, placeOf } from '../place.js';
import { store } from '../session.js';
import './spoiler-text.js';
import './time.js';
import { t } from '../words.js';

/** Renders Discord's markdown; its styles are `markdownStyles`. */
export function markdown(source: string): TemplateResult {
  const blocks = parseMarkdown(source);
  const shown = blocks.map(block);
  return isEmojiAlone(blocks) ? html`<div class="jumbo">${shown}</div>` : html`${shown}`;
}

function block(node: Block): TemplateResult {
  switch (node.kind) {
    case 'lines':
      return html`<div class="lines">${inline(node.inner)}</div>`;
    case 'heading':
      return html`<div class="heading h${node.level}" role="heading" aria-level=${node.level + 2}>${inline(node.inner)}</div>`;
    case 'subtext':
      return html`<div class="subtext">${inline(node.inner)}</div>`;
    case 'quote':
      return html`<blockquote>${node.inner.map(block)}</blockquote>`;
    case 'list': {
      const items = node.items.map((item) => html`<li>${inline(item)}</li>`);
      return node.ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
    }
    case 'fence':
      return html`<pre tabindex="0"><code>${node.text}</code></pre>`;
  }
}

function inline(nodes: readonly Inline[]): TemplateResult[] {
  return nodes.map(piece);
}

function piece(node: Inline): TemplateResult {
  switch (node.kind) {
    case 'text':
      return html`${node.text}`;
    case 'bold':
      return html`<strong>${inline(node.inner)}</strong>`;
    case 'italic':
      return html`<em>${inline(node.inner)}</em>`;
    case 'underline':
      return html`<u>${inline(node.inner)}</u>`;
    case 'strike':
      return html`<s>${inline(node.inner)}</s>`;
    case 'spoiler':
      return html`<easel-spoiler-text>${inline(node.inner)}</easel-spoiler-text>`;
    case 'code':
      return html`<code>${node.text}</code>`;
    case 'link':
      return link(node.url, inline(node.inner));
    case 'user':
      return html`<span class="mention">@${nameOf(store.userOf(node.id))}</span>`;
    case 'role':
      return html`<span class="mention">@${store.guild?.roles.find(({ id }) => id === node.id)?.name ?? t('unknown.role')}</span>`;
    case 'channel': {
      const channel = store.channelOf(node.id);
      const path = `/channels/${channel?.guild_id ?? '@me'}/${node.id}`;
      return channel
        ? link(path, [html`#${channel.name}`], 'mention')
        : html`<span class="mention">#${t('unknown.channel')}</span>`;
    }
    case 'command':
      return html`<button class="mention" @click=${(event: Event) => offer(event, node.name)}>/${store.labelOf(node.name)}</button>`;
    case 'emoji':
      return emoji(node);
    case 'time':
      return html`<easel-time .seconds=${node.seconds} .form=${node.style}></easel-time>`;
  }
}

/** Puts a mentioned command into the message box. */
function offer(event: Event, name: string): void {
  event.target!.dispatchEvent(new CustomEvent('use-command', { bubbles: true, composed: true, detail: name }));
}

/** A custom emoji of a server or an app; its name if it no longer exists. */
export function emoji({ id, name }: { id: string; name: string }): TemplateResult {
  return html`<img class="emoji" src=${emojiUrl(id)} alt=":${name}:" title=":${name}:" draggable="false" />`;
}

/** The emoji of a button, an option or a reaction: a character, or a custom one. */
export function glyph({ id, name }: { id?: string | null; name?: string | null } = {}): TemplateResult {
  return id ? emoji({ id, name: name ?? '' }) : html`${name}`;
}

/** Links within the page stay in it; others open in a new tab. */
function link(url: string, inner: unknown, kind = ''): TemplateResult {
  const path = url.startsWith('/') ? url : localPath(url, location.origin);
  if (!path) return html`<a href=${url} target="_blank" rel="noreferrer">${inner}</a>`;
  const go = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    store.go(placeOf(path));
  };
  return html`<a class=${kind} href=${path} @click=${go}>${inner}</a>`;
}
