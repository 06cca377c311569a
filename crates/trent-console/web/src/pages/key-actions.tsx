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
import type { LastUsage } from "../aws/model";
import { Dialog } from "../parts/dialog";
import { keyTexts as texts } from "../texts";
import { holdsMaterial, lastUse, Names, toAll } from "./key-each";
import { type KeyRow, nameOf } from "./key-filter";
import { TagsDialog } from "./key-tags";

type Action = "enable" | "disable" | "delete" | "keep" | "tags" | "material";
type Plain = "enable" | "disable" | "keep" | "material";

const OPERATIONS = {
  enable: "EnableKey",
  disable: "DisableKey",
  keep: "CancelKeyDeletion",
  material: "DeleteImportedKeyMaterial",
} as const;

/** What is not to be done by a slip is confirmed by a box. */
const CONFIRMED: Partial<Record<Plain, string>> = {
  disable: texts.disableDialog.confirm,
  material: texts.materialDialog.confirm,
};

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
  const closing = { onClose: () => setOpen(undefined), onDone };
  return (
    <>
      <ButtonDropdown
        items={[
          { id: "enable", text: texts.enable, disabled: none || (known && !has("Disabled")) },
          { id: "disable", text: texts.disable, disabled: none || (known && !has("Enabled")) },
          { id: "delete", text: texts.scheduleDeletion, disabled: none || (known && rows.every(pending)) },
          { id: "keep", text: texts.cancelDeletion, disabled: none || (known && !rows.some(pending)) },
          { id: "tags", text: texts.tags, disabled: none || (known && rows.every(pending)) },
          { id: "material", text: texts.deleteMaterial, disabled: !rows.some(holdsMaterial) },
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
        <DeletionDialog rows={rows} {...closing} />
      ) : open === "tags" ? (
        <TagsDialog rows={rows} {...closing} />
      ) : open ? (
        <PlainDialog action={open} rows={open === "material" ? rows.filter(holdsMaterial) : rows} {...closing} />
      ) : null}
    </>
  );
}

interface DialogProps {
  rows: KeyRow[];
  onClose: () => void;
  onDone: () => void;
}

function PlainDialog({ action, rows, onClose, onDone }: DialogProps & { action: Plain }) {
  const api = useApi();
  const dialog = { enable: texts.enableDialog, disable: texts.disableDialog, keep: texts.cancelDialog, material: texts.materialDialog }[action];
  const confirm = CONFIRMED[action];
  const [sure, setSure] = useState(confirm === undefined);
  const done = {
    enable: texts.done.enabled,
    disable: texts.done.disabled,
    keep: texts.done.cancelled,
    material: texts.done.materialDeleted,
  }[action];
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
      {action === "material" ? <Alert type="warning">{dialog.text}</Alert> : <Box>{dialog.text}</Box>}
      <Names rows={rows} />
      {confirm ? (
        <Checkbox checked={sure} onChange={({ detail }) => setSure(detail.checked)}>
          {confirm}
        </Checkbox>
      ) : null}
    </Dialog>
  );
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
      dirty={days !== "30" || sure || typed !== ""}
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
