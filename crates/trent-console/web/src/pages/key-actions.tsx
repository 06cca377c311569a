// What can be done to keys, one or several at a time, with the dialogs that ask first.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";

import { useApi } from "../app/api";
import { eachOf, useLoad } from "../app/load";
import { notify } from "../app/notices";
import { follow, useUrl } from "../app/router";
import { asAwsError, AwsError } from "../aws/errors";
import type { LastUsage } from "../aws/model";
import { Dialog } from "../parts/dialog";
import { when } from "../parts/format";
import { keyTexts as texts } from "../texts";
import { type KeyRow, nameOf } from "./key-filter";

type Action = "enable" | "disable" | "delete" | "keep";

const OPERATIONS = { enable: "EnableKey", disable: "DisableKey", keep: "CancelKeyDeletion" } as const;

const pending = (row: KeyRow): boolean =>
  row.meta?.KeyState === "PendingDeletion" || row.meta?.KeyState === "PendingReplicaDeletion";

interface Props {
  rows: KeyRow[];
  onDone: () => void;
  /** More of the page's own. */
  extra?: { id: string; text: string; disabled?: boolean }[];
  onExtra?: (id: string) => void;
}

const NOTHING: NonNullable<Props["extra"]> = [];

export function KeyActions({ rows, onDone, extra = NOTHING, onExtra }: Props) {
  const [open, setOpen] = useState<Action>();
  const none = rows.length === 0;
  const known = rows.every((row) => row.meta);
  const has = (state: string): boolean => rows.some((row) => row.meta?.KeyState === state);
  return (
    <>
      <ButtonDropdown
        items={[
          { id: "enable", text: texts.enable, disabled: none || (known && !has("Disabled")) },
          { id: "disable", text: texts.disable, disabled: none || (known && !has("Enabled")) },
          { id: "delete", text: texts.scheduleDeletion, disabled: none || (known && rows.every(pending)) },
          { id: "keep", text: texts.cancelDeletion, disabled: none || (known && !rows.some(pending)) },
          ...extra,
        ]}
        onItemClick={({ detail }) => {
          if (extra.some((one) => one.id === detail.id)) onExtra?.(detail.id);
          else setOpen(detail.id as Action);
        }}
      >
        {texts.keyActions}
      </ButtonDropdown>
      {open === "delete" ? (
        <DeletionDialog rows={rows} onClose={() => setOpen(undefined)} onDone={onDone} />
      ) : open ? (
        <PlainDialog action={open} rows={rows} onClose={() => setOpen(undefined)} onDone={onDone} />
      ) : null}
    </>
  );
}

/** Does something to every key; fails with the first error after all have been tried. */
async function toAll(rows: KeyRow[], work: (row: KeyRow) => Promise<unknown>): Promise<void> {
  const failed: AwsError[] = [];
  await eachOf(rows, 4, async (row) => {
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

interface DialogProps {
  rows: KeyRow[];
  onClose: () => void;
  onDone: () => void;
}

function Names({ rows }: { rows: KeyRow[] }) {
  return (
    <ul>
      {rows.slice(0, 10).map((row) => (
        <li key={row.id}>{row.aliases.length > 0 ? `${nameOf(row)} (${row.id})` : row.id}</li>
      ))}
      {rows.length > 10 ? <li>…</li> : null}
    </ul>
  );
}

function PlainDialog({ action, rows, onClose, onDone }: DialogProps & { action: Exclude<Action, "delete"> }) {
  const api = useApi();
  const dialog = { enable: texts.enableDialog, disable: texts.disableDialog, keep: texts.cancelDialog }[action];
  const [sure, setSure] = useState(action !== "disable");
  const done = { enable: texts.done.enabled, disable: texts.done.disabled, keep: texts.done.cancelled }[action];
  return (
    <Dialog
      title={dialog.title}
      submit={dialog.title}
      ready={sure}
      keyId={rows[0]?.id}
      onClose={onClose}
      onSubmit={async () => {
        await toAll(rows, (row) => api.kms(OPERATIONS[action], { KeyId: row.id }));
        notify("success", done(rows.length));
      }}
      onDone={onDone}
    >
      <Box>{dialog.text}</Box>
      <Names rows={rows} />
      {action === "disable" ? (
        <Checkbox checked={sure} onChange={({ detail }) => setSure(detail.checked)}>
          {texts.disableDialog.confirm}
        </Checkbox>
      ) : null}
    </Dialog>
  );
}

function lastUse(usage: LastUsage | undefined): string {
  if (!usage) return texts.deletion.unknown;
  const { Operation, Timestamp } = usage.KeyLastUsage ?? {};
  if (Timestamp === undefined) return texts.deletion.never(when(usage.TrackingStartDate));
  return texts.deletion.used(Operation ?? "", when(Timestamp));
}

/** How many keys' last use is looked up: the quota is five a second. */
const LAST_USES_MAX = 5;

function DeletionDialog({ rows, onClose, onDone }: DialogProps) {
  const api = useApi();
  const url = useUrl();
  const [days, setDays] = useState("30");
  const [sure, setSure] = useState(false);
  const [typed, setTyped] = useState("");
  const uses = useLoad(
    async (signal) => {
      const found = new Map<string, LastUsage | undefined>();
      await eachOf(rows.slice(0, LAST_USES_MAX), 1, async (row) => {
        try {
          found.set(row.id, await api.kms("GetKeyLastUsage", { KeyId: row.id }, signal));
        } catch {
          found.set(row.id, undefined);
        }
      });
      return found;
    },
    [api],
  );
  const number = Number(days);
  const good = /^\d+$/.test(days) && number >= 7 && number <= 30;
  const dialog = texts.deletion;
  return (
    <Dialog
      title={dialog.title}
      submit={dialog.submit}
      ready={good && sure && typed.trim().toLowerCase() === dialog.word}
      keyId={rows[0]?.id}
      onClose={onClose}
      onSubmit={async () => {
        await toAll(rows, (row) => api.kms("ScheduleKeyDeletion", { KeyId: row.id, PendingWindowInDays: number }));
        notify("success", texts.done.scheduled(rows.length));
      }}
      onDone={onDone}
    >
      <Alert type="warning">{dialog.warning}</Alert>
      <SpaceBetween size="xxs">
        {rows.slice(0, LAST_USES_MAX).map((row) => (
          <div key={row.id}>
            <Box variant="span" fontWeight="bold">
              {nameOf(row)}
            </Box>
            {` – ${dialog.lastUsed}: `}
            {uses.loading ? <Spinner /> : lastUse(uses.data?.get(row.id))}{" "}
            <Link href={url(["audit"], { ResourceName: row.arn })} onFollow={follow} ariaLabel={`${dialog.auditLink}: ${nameOf(row)}`}>
              {dialog.auditLink}
            </Link>
          </div>
        ))}
      </SpaceBetween>
      {rows.length > LAST_USES_MAX ? <Names rows={rows} /> : null}
      <FormField label={dialog.waiting} constraintText={dialog.waitingHint} errorText={good ? undefined : dialog.waitingError}>
        <Input value={days} onChange={({ detail }) => setDays(detail.value)} inputMode="numeric" />
      </FormField>
      <Checkbox checked={sure} onChange={({ detail }) => setSure(detail.checked)}>
        {dialog.box(good ? days : "…")}
      </Checkbox>
      <FormField label={`${dialog.typed} ${dialog.word}`}>
        <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} placeholder={dialog.word} autoComplete={false} />
      </FormField>
    </Dialog>
  );
}
