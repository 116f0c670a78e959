import { css } from 'lit';

export const commandFormStyles = css`
  :host {
    display: block;
    min-width: 0;
    flex: 1;
  }
  .above {
    border-radius: 8px 8px 0 0;
    background: var(--side);
    border-bottom: 1px solid var(--line);
    overflow: hidden;
  }
  .about {
    padding: 8px 16px;
    font-size: 14px;
    color: var(--quiet);
  }
  .about strong {
    color: var(--strong);
  }
  .option {
    padding: 0 4px;
    border-radius: 3px;
    font-weight: 600;
    color: var(--strong);
    background: var(--hover);
  }
  ul {
    max-height: 220px;
    margin: 0;
    padding: 0 8px 8px;
    list-style: none;
  }
  li {
    display: flex;
    gap: 12px;
    align-items: baseline;
    padding: 6px 8px;
    border-radius: 4px;
    cursor: pointer;
  }
  .glyph {
    flex: none;
    align-self: center;
    width: 22px;
    height: 22px;
    font-size: 18px;
    line-height: 22px;
    text-align: center;
    object-fit: contain;
  }
  li:hover,
  li.active {
    background: var(--selected);
  }
  small {
    min-width: 0;
    font-size: 13px;
    color: var(--quiet);
  }
  .line {
    display: flex;
    align-items: end;
    gap: 6px;
    min-height: 44px;
    padding: 6px 8px 6px 16px;
  }
  .values {
    display: flex;
    flex: 1;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    min-width: 0;
    min-height: 32px;
  }
  .command {
    font-weight: 600;
    color: var(--accent-text);
  }
  .pill {
    display: inline-flex;
    max-width: 100%;
    border-radius: 4px;
    overflow: hidden;
    background: var(--rail);
    border: 1px solid transparent;
  }
  .pill:focus-within {
    border-color: var(--link);
  }
  .pill span {
    padding: 2px 8px;
    font-weight: 500;
    color: var(--strong);
    background: var(--float);
  }
  .pill :is(input, textarea):focus-visible {
    outline: 0;
  }
  .pill :is(input, textarea) {
    min-width: 0;
    padding: 2px 8px;
    border: 0;
    outline: 0;
    background: none;
  }
  .pill textarea {
    min-width: 12ch;
    max-height: 30vh;
    resize: none;
    field-sizing: content;
    overflow-wrap: anywhere;
  }
  .bad,
  .upload.bad label {
    border-color: var(--danger-text);
  }
  .adder {
    flex: 1;
    min-width: 9ch;
    padding: 2px 4px;
    border: 0;
    outline: 0;
    background: none;
  }
  .adder::placeholder {
    color: var(--quiet);
  }
  .adder:focus-visible {
    outline: 0;
  }
  .send {
    flex: none;
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    border-radius: 50%;
    color: #fff;
    background: var(--accent);
    transform: scaleX(-1);
  }
  .upload {
    display: flex;
    align-items: center;
    gap: 8px;
    margin: 8px 16px 0;
  }
  .upload label {
    position: relative;
    flex: 1;
    display: flex;
    align-items: center;
    gap: 12px;
    min-width: 0;
    padding: 10px 12px;
    border: 1px dashed var(--muted);
    border-radius: 8px;
    cursor: pointer;
    font-size: 14px;
    overflow-wrap: anywhere;
  }
  .upload label:focus-within {
    outline: 2px solid var(--link);
  }
  .drop {
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    border-radius: 4px;
  }
  .drop:hover {
    background: var(--hover);
  }
`;
