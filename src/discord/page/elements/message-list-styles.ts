import { css } from 'lit';

export const messageListStyles = css`
  :host {
    display: block;
    min-height: 0;
    position: relative;
  }
  .scroller {
    height: 100%;
    overflow-y: scroll;
    overflow-x: hidden;
    scrollbar-color: var(--rail) transparent;
  }
  .content {
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    min-height: 100%;
    padding-bottom: 24px;
  }
  ol {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li:focus-visible {
    outline-offset: -2px;
  }
  .day {
    display: flex;
    align-items: center;
    gap: 8px;
    margin: 24px 16px 8px;
    font-size: 12px;
    font-weight: 600;
    color: var(--muted);
  }
  .day::before,
  .day::after {
    content: '';
    flex: 1;
    border-top: 1px solid var(--line);
  }
  .present {
    position: absolute;
    bottom: 4px;
    left: 16px;
    right: 16px;
    padding: 4px 12px;
    border-radius: 8px;
    font-size: 14px;
    font-weight: 500;
    color: #fff;
    background: var(--accent);
  }
  .older {
    display: flex;
    justify-content: space-between;
    gap: 8px;
    color: var(--text);
    background: var(--side);
    box-shadow: var(--shadow);
  }
  .found easel-message {
    animation: found 2s;
  }
  @keyframes found {
    from {
      background: var(--mention);
    }
  }
`;
