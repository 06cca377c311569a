import { useApi } from "../app/api";
import { useLoad } from "../app/load";
import type { KeyMetadata } from "../aws/model";
import type { AwsError } from "../aws/errors";

interface Described {
  meta: KeyMetadata | undefined;
  error: AwsError | undefined;
  /** Nothing is known yet, and something will be. */
  pending: boolean;
}

/** What is known of the key that is chosen. What was loaded of another one chosen before says nothing of this one. */
export function useMeta(keyId: string): Described {
  const api = useApi();
  const loaded = useLoad(async (signal) => (keyId ? { of: keyId, meta: await api.describe(keyId, signal) } : undefined), [api, keyId]);
  const meta = loaded.data?.of === keyId ? loaded.data.meta : undefined;
  return { meta, error: loaded.error, pending: keyId !== "" && !meta && !loaded.error };
}
