import type { PageEvent } from '../page-protocol.js';

const SOONEST = 500;
const LATEST = 8000;

/** Keeps a WebSocket to the local Discord open, and reconnects. @returns a function that closes it. */
export function connect(account: string, onEvent: (event: PageEvent) => void, onOnline: (online: boolean) => void) {
  let socket: WebSocket | null = null;
  let wait = SOONEST;
  let timer = 0;
  const open = () => {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    socket = new WebSocket(`${scheme}://${location.host}/page/api/live?account=${account}`);
    socket.onopen = () => {
      wait = SOONEST;
      onOnline(true);
    };
    socket.onmessage = ({ data }) => onEvent(JSON.parse(data));
    socket.onclose = () => {
      onOnline(false);
      timer = window.setTimeout(open, wait);
      wait = Math.min(wait * 2, LATEST);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    if (!socket) return;
    socket.onclose = null;
    socket.close();
  };
}
