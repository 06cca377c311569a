import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";

import { useIam } from "../app/api";
import { useAction, useLoad } from "../app/load";
import type { AccessKey } from "../aws/iam";
import { Copyable } from "../parts/copy";
import { Dialog } from "../parts/dialog";
import { ErrorBox } from "../parts/errors";
import { isoWhen } from "../parts/format";
import { LoadedTable } from "../parts/found-list";
import { common, principalTexts as texts } from "../texts";

/** IAM's limit for a user. */
const KEYS_MAX = 2;

/** The access keys of a user. */
export function AccessKeys({ user }: { user: string }) {
  const iam = useIam();
  const keys = useLoad(() => iam.accessKeys(user), [iam, user]);
  const [made, setMade] = useState<{ id: string; secret: string }>();
  const [deleting, setDeleting] = useState<AccessKey>();
  const { running, error, run } = useAction();
  const create = () =>
    run(async () => {
      setMade(await iam.createAccessKey(user));
      keys.reload();
    });
  const toggle = (key: AccessKey) =>
    run(async () => {
      const Status = key.status === "Active" ? "Inactive" : "Active";
      await iam.call("UpdateAccessKey", { UserName: user, AccessKeyId: key.id, Status });
      keys.reload();
    });
  return (
    <SpaceBetween size="s">
      <ErrorBox error={error} />
      {made ? (
        <Alert type="success" dismissible onDismiss={() => setMade(undefined)}>
          <SpaceBetween size="xs">
            <Box>{texts.accessKeyMade}</Box>
            <KeyValuePairs
              columns={2}
              items={[
                { label: texts.accessKeyId, value: <Copyable text={made.id} label={texts.accessKeyId} /> },
                { label: texts.secret, value: <Copyable text={made.secret} label={texts.secret} /> },
              ]}
            />
          </SpaceBetween>
        </Alert>
      ) : null}
      <LoadedTable
        title={texts.accessKeys}
        loaded={keys}
        trackBy="id"
        actions={
          <Button loading={running} disabled={(keys.data?.length ?? KEYS_MAX) >= KEYS_MAX} onClick={() => void create()}>
            {texts.createAccessKey}
          </Button>
        }
        columnDefinitions={[
          { id: "id", header: texts.accessKeyId, cell: (one) => <Copyable text={one.id} label={texts.accessKeyId} />, isRowHeader: true },
          {
            id: "status",
            header: texts.status,
            cell: (one) => <StatusIndicator type={one.status === "Active" ? "success" : "stopped"}>{one.status}</StatusIndicator>,
          },
          { id: "created", header: texts.created, cell: (one) => isoWhen(one.created) },
          {
            id: "used",
            header: texts.lastUsed,
            cell: ({ lastUsed }) => {
              if (!lastUsed) return common.none;
              return lastUsed === "never" ? texts.neverUsed : texts.usedAt(lastUsed.service, lastUsed.region, isoWhen(lastUsed.at));
            },
          },
          {
            id: "actions",
            header: common.actions,
            cell: (one) => (
              <SpaceBetween direction="horizontal" size="xs">
                <Button
                  variant="inline-link"
                  ariaLabel={`${one.status === "Active" ? texts.deactivate : texts.activate} ${one.id}`}
                  onClick={() => void toggle(one)}
                >
                  {one.status === "Active" ? texts.deactivate : texts.activate}
                </Button>
                <Button variant="inline-link" ariaLabel={`${texts.deleteKey} ${one.id}`} onClick={() => setDeleting(one)}>
                  {texts.deleteKey}
                </Button>
              </SpaceBetween>
            ),
          },
        ]}
        empty={texts.noKeys}
      />
      {deleting ? (
        <Dialog
          title={`${texts.deleteKey} ${deleting.id}`}
          submit={texts.deleteKey}
          onClose={() => setDeleting(undefined)}
          onDone={keys.reload}
          onSubmit={async () => {
            await iam.call("DeleteAccessKey", { UserName: user, AccessKeyId: deleting.id });
          }}
        >
          <Box>{texts.deleteKeyText}</Box>
        </Dialog>
      ) : null}
    </SpaceBetween>
  );
}
