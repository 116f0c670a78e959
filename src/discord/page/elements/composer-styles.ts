import { css } from 'lit';

export const composerStyles = css`
  :host {
    position: relative;
    display: block;
    padding: 0 16px;
  }
  .frame {
    border-radius: 8px;
    background: var(--input);
  }
  .line {
    position: relative;
    display: flex;
    align-items: flex-start;
  }
  /* Where it is shown, the text has many lines: below the buttons is room. */
  easel-characters-left {
    position: absolute;
    right: 12px;
    bottom: 0;
  }
  .plus,
  .tool {
    display: grid;
    place-items: center;
    position: relative;
    width: 44px;
    height: 44px;
    color: var(--quiet);
    cursor: pointer;
    border-radius: 8px;
  }
  .plus:hover,
  .tool:hover {
    color: var(--strong);
  }
  .plus:focus-within {
    outline: 2px solid var(--link);
  }
  textarea {
    flex: 1;
    min-width: 0;
    max-height: 40vh;
    padding: 11px 4px;
    border: 0;
    outline: 0;
    resize: none;
    background: none;
    field-sizing: content;
    line-height: 22px;
  }
  textarea:focus-visible {
    outline: 0;
  }
  .frame:focus-within {
    box-shadow: inset 0 0 0 1px var(--muted);
  }
  textarea::placeholder {
    color: var(--muted);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .replying {
    display: flex;
    justify-content: space-between;
    align-items: center;
    padding: 8px 16px;
    border-radius: 8px 8px 0 0;
    font-size: 14px;
    color: var(--quiet);
    background: var(--side);
  }
  .replying + .frame {
    border-radius: 0 0 8px 8px;
  }
  .picker {
    position: absolute;
    z-index: 4;
    bottom: 100%;
    left: 16px;
    right: 16px;
    max-height: min(440px, 55vh);
    margin: 0 0 8px;
    padding: 8px;
    list-style: none;
    border-radius: 8px;
    background: var(--side);
    border: 1px solid var(--line);
    box-shadow: var(--shadow);
  }
  .picker li {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 8px;
    border-radius: 4px;
    cursor: pointer;
  }
  .picker li:hover,
  .picker li.active {
    background: var(--selected);
  }
  .glyph {
    flex: none;
    width: 24px;
    height: 24px;
    font-size: 20px;
    line-height: 24px;
    text-align: center;
    object-fit: contain;
  }
  .name {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .what {
    flex: 1;
    min-width: 0;
  }
  .what strong {
    font-weight: 600;
    color: var(--strong);
  }
  code {
    margin-left: 6px;
    padding: 1px 5px;
    border-radius: 3px;
    font: 13px var(--font);
    color: var(--text);
    background: var(--rail);
  }
  small {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 13px;
    color: var(--quiet);
  }
  .whose {
    font-size: 12px;
    color: var(--quiet);
  }
  .files {
    display: flex;
    gap: 16px;
    margin: 0;
    padding: 16px;
    list-style: none;
    overflow-x: auto;
    border-bottom: 1px solid var(--line);
  }
  .files li {
    position: relative;
    display: grid;
    gap: 8px;
    width: 180px;
    flex: none;
    padding: 8px;
    border-radius: 4px;
    background: var(--side);
    justify-items: center;
    --size: 150px;
  }
  .files span {
    width: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 14px;
  }
  .files button {
    position: absolute;
    top: -8px;
    right: -8px;
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    border-radius: 4px;
    color: var(--danger-text);
    background: var(--main);
    border: 1px solid var(--line);
  }
  @media (width < 640px) {
    :host {
      padding: 0 8px;
    }
  }
`;
