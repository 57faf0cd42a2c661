// Whether the line to the server is down, and how many changes wait for it (motlink/web/line.py).
import { useContext, useEffect, useSyncExternalStore } from "react";
import { EventLoopContext, eventLoop } from "$/utils/context-registry";

const watchers = new Set();
const changes = new Set();
let waiting = 0;

function wait(count) {
  waiting = count;
  watchers.forEach((tell) => tell());
}

function watch(tell) {
  watchers.add(tell);
  addEventListener("online", tell);
  addEventListener("offline", tell);
  return () => {
    watchers.delete(tell);
    removeEventListener("online", tell);
    removeEventListener("offline", tell);
  };
}

// Every event of every page passes here; Reflex puts a new function in at each turn.
let send = eventLoop.addEvents;
const sendAndCount = (events, ...rest) => {
  const down = !navigator.onLine || eventLoop.connectErrors.length > 0;
  const more = down ? [events].flat(Infinity).filter((event) => changes.has(event?.name)).length : 0;
  if (more) wait(waiting + more);
  return send(events, ...rest);
};
Object.defineProperty(eventLoop, "addEvents", { get: () => sendAndCount, set: (given) => { send = given; } });

export function useDown() {
  const [, errors] = useContext(EventLoopContext);
  const cut = useSyncExternalStore(watch, () => !navigator.onLine, () => false);
  const down = cut || errors.length > 0;
  useEffect(() => { if (!down && waiting) wait(0); }, [down]);
  return down;
}

export function useWaiting(names) {
  names.forEach((name) => changes.add(name));
  return useSyncExternalStore(watch, () => waiting, () => 0);
}
