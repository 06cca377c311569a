// What a page loads, and how it goes.
import { type DependencyList, useCallback, useEffect, useState } from "react";

import { asAwsError, type AwsError } from "../aws/errors";

export interface Loaded<T> {
  data: T | undefined;
  error: AwsError | undefined;
  loading: boolean;
  reload: () => void;
}

/** Loads when the page is shown and when what it depends on changes; an answer that comes too late is dropped. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, deps: DependencyList): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: AwsError; loading: boolean }>({ loading: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    setState((before) => ({ ...before, error: undefined, loading: true }));
    void (async () => {
      try {
        const data = await load(controller.signal);
        if (!controller.signal.aborted) setState({ data, loading: false });
      } catch (error) {
        if (!controller.signal.aborted) setState({ error: asAwsError(error), loading: false });
      }
    })();
    return () => controller.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller names what its function reads
  }, [...deps, turn]);
  const reload = useCallback(() => setTurn((now) => now + 1), []);
  return { data: state.data, error: state.error, loading: state.loading, reload };
}

/** One thing that a person starts: whether it runs, and what became of it. */
export function useAction(): {
  running: boolean;
  error: AwsError | undefined;
  run: (work: () => Promise<void>) => Promise<boolean>;
  clear: () => void;
} {
  const [state, setState] = useState<{ running: boolean; error?: AwsError }>({ running: false });
  const run = useCallback(async (work: () => Promise<void>) => {
    setState({ running: true });
    try {
      await work();
      setState({ running: false });
      return true;
    } catch (error) {
      setState({ running: false, error: asAwsError(error) });
      return false;
    }
  }, []);
  const clear = useCallback(() => setState({ running: false }), []);
  return { running: state.running, error: state.error, run, clear };
}

/** Runs `work` for every item, so many at a time. */
export async function eachOf<Item>(items: Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
