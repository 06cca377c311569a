// The keys of a list, with what is known of each. Names come in a few calls; details take one call a
// key, so they are read for the keys that are shown, and for all when a filter or an order needs them.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { useApi } from "../app/api";
import { eachOf, useLoad } from "../app/load";
import { asAwsError } from "../aws/errors";
import type { Alias } from "../aws/model";
import { bareAlias } from "../parts/format";
import type { KeyRow } from "./key-filter";

const isAws = (aliases: Alias[]): boolean => aliases.some((one) => one.AliasName.startsWith("alias/aws/"));

/** How many calls are under way at a time. */
const WIDTH = 8;

export function useKeyRows(manager: "AWS" | "CUSTOMER") {
  const api = useApi();
  const listed = useLoad(
    async (signal) => {
      const [keys, aliases] = await Promise.all([api.keys(signal), api.aliases(undefined, signal)]);
      const named = new Map<string, Alias[]>();
      for (const alias of aliases) {
        if (!alias.TargetKeyId) continue;
        const those = named.get(alias.TargetKeyId) ?? [];
        those.push(alias);
        named.set(alias.TargetKeyId, those);
      }
      return keys
        .map(({ KeyId, KeyArn }) => ({ id: KeyId, arn: KeyArn, named: named.get(KeyId) ?? [] }))
        .filter((key) => isAws(key.named) === (manager === "AWS"))
        .map(
          (key): KeyRow => ({
            id: key.id,
            arn: key.arn,
            aliases: key.named.map((one) => bareAlias(one.AliasName)).toSorted(),
          }),
        );
    },
    [api, manager],
  );
  const [details, setDetails] = useState(new Map<string, Partial<KeyRow>>());
  const [progress, setProgress] = useState<{ done: number; all: number }>();
  const asked = useRef(new Set<string>());
  const abort = useRef<AbortController>(undefined);

  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    asked.current = new Set();
    setDetails(new Map());
    return () => controller.abort();
  }, [listed.data]);

  /** Reads the details of these keys, and their tags, where that has not happened. */
  const ensure = useCallback(
    async (ids: string[], what: "meta" | "tags") => {
      const missing = ids.filter((id) => !asked.current.has(`${what}/${id}`));
      if (missing.length === 0) return;
      for (const id of missing) asked.current.add(`${what}/${id}`);
      const signal = abort.current?.signal;
      let found = new Map<string, Partial<KeyRow>>();
      let done = 0;
      let shownAt = performance.now();
      const show = (): void => {
        if (signal?.aborted) return;
        const news = found;
        found = new Map();
        shownAt = performance.now();
        setDetails((before) => {
          const next = new Map(before);
          for (const [id, one] of news) next.set(id, { ...next.get(id), ...one });
          return next;
        });
        setProgress(missing.length > 100 && done < missing.length ? { done, all: missing.length } : undefined);
      };
      await eachOf(missing, WIDTH, async (id) => {
        try {
          const one = what === "meta" ? { meta: await api.describe(id, signal) } : { tags: await api.tags(id, signal) };
          found.set(id, one);
        } catch (error) {
          if (signal?.aborted) return;
          found.set(id, what === "meta" ? { error: asAwsError(error) } : { tags: [] });
        }
        done += 1;
        if (performance.now() - shownAt > 250) show();
      });
      show();
    },
    [api],
  );

  const rows = useMemo(
    () => (listed.data ?? []).map((row) => ({ ...row, ...details.get(row.id) })),
    [listed.data, details],
  );
  return { ...listed, rows, ensure, progress };
}
