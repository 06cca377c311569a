// What is done to several keys at once, and how they are named.
import { eachOf } from "../app/load";
import { asAwsError, AwsError } from "../aws/errors";
import type { LastUsage } from "../aws/model";
import { when } from "../parts/format";
import { keyTexts as texts } from "../texts";
import { type KeyRow, nameOf } from "./key-filter";

/** How many calls are under way at a time: changes have quotas of five a second. */
const WIDTH = 4;
const NAMES_MAX = 10;

/** Does something to every key; fails with the first error after all have been tried. */
export async function toAll(rows: KeyRow[], work: (row: KeyRow) => Promise<unknown>): Promise<void> {
  const failed: AwsError[] = [];
  await eachOf(rows, WIDTH, async (row) => {
    try {
      await work(row);
    } catch (error) {
      failed.push(asAwsError(error));
    }
  });
  const [first] = failed;
  if (!first) return;
  if (rows.length === 1) throw first;
  const text = `${texts.done.someFailed(failed.length, rows.length)} ${first.message}`;
  throw new AwsError(first.code, text, first.requestId, first.operation, first.status);
}

export function Names({ rows }: { rows: KeyRow[] }) {
  return (
    <ul>
      {rows.slice(0, NAMES_MAX).map((row) => (
        <li key={row.id}>{row.aliases.length > 0 ? `${nameOf(row)} (${row.id})` : row.id}</li>
      ))}
      {rows.length > NAMES_MAX ? <li>{texts.andMore(rows.length - NAMES_MAX)}</li> : null}
    </ul>
  );
}

/** The last use of a key, as it is said. */
export function lastUse(usage: LastUsage | undefined): string {
  if (!usage) return texts.deletion.unknown;
  const { Operation, Timestamp } = usage.KeyLastUsage ?? {};
  if (Timestamp === undefined) return texts.deletion.never(when(usage.TrackingStartDate));
  return texts.deletion.used(Operation ?? "", when(Timestamp));
}

/** Material that was imported, and can be taken away again. */
export const holdsMaterial = ({ meta }: KeyRow): boolean =>
  meta?.Origin === "EXTERNAL" && !["PendingImport", "PendingDeletion", "PendingReplicaDeletion"].includes(meta.KeyState);
