import { css } from 'lit';

export const markdownStyles = css`
  .lines {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .heading {
    margin: 8px 0 4px;
    font-weight: 700;
    color: var(--strong);
  }
  .h1 {
    font-size: 24px;
  }
  .h2 {
    font-size: 20px;
  }
  .subtext {
    font-size: 13px;
    color: var(--muted);
  }
  blockquote {
    margin: 0;
    padding: 0 8px 0 12px;
    border-left: 4px solid var(--secondary);
    border-radius: 4px;
  }
  ul,
  ol {
    margin: 4px 0;
    padding-left: 24px;
  }
  code {
    padding: 2px 4px;
    border-radius: 4px;
    background: var(--code);
    font: 85% / 1.3 var(--mono);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  pre {
    margin: 6px 0 0;
    padding: 8px;
    max-width: 90%;
    background: var(--code);
    border: 1px solid var(--rail);
    border-radius: 4px;
    overflow-x: auto;
  }
  pre code {
    padding: 0;
    background: none;
    font-size: 14px;
  }
  .mention {
    padding: 0 2px;
    border-radius: 3px;
    font-weight: 500;
    color: var(--accent-text);
    background: var(--mention);
  }
  .emoji {
    width: 22px;
    height: 22px;
    vertical-align: bottom;
    object-fit: contain;
  }
  .jumbo {
    font-size: 48px;
    line-height: 58px;
  }
  .jumbo .emoji {
    width: 48px;
    height: 48px;
    vertical-align: -8px;
  }
`;
