// What has been done, at the top of the page.
import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useSyncExternalStore } from "react";

import { common } from "../texts";

interface Notice {
  id: number;
  type: "success" | "info" | "warning";
  text: string;
}

let notices: Notice[] = [];
let last = 0;
const listeners = new Set<() => void>();
const SHOWN_MS = 8_000;

function set(next: Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

const remove = (id: number): void => set(notices.filter((one) => one.id !== id));

/** Says something; good news go by themselves. */
export function notify(type: Notice["type"], text: string): void {
  last += 1;
  const id = last;
  // The newest stands in front of the others.
  set([{ id, type, text }, ...notices]);
  if (type === "success") setTimeout(() => remove(id), SHOWN_MS);
}

export const clearNotices = (): void => set([]);

export function useNotices(): FlashbarProps.MessageDefinition[] {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  return current.map(({ id, type, text }) => ({
    id: String(id),
    type,
    content: text,
    dismissible: true,
    dismissLabel: common.dismiss,
    onDismiss: () => remove(id),
  }));
}
