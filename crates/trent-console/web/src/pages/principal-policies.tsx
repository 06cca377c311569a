// The policies of a user, role or group.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";

import { useIam } from "../app/api";
import { useAction, useLoad } from "../app/load";
import { notify } from "../app/notices";
import { follow, useUrl } from "../app/router";
import type { Kind } from "../aws/iam";
import { Dialog } from "../parts/dialog";
import { ErrorBox } from "../parts/errors";
import { pretty } from "../parts/format";
import { jsonErrorOffset, lineAndColumn } from "../parts/json-place";
import { common, detailTexts, principalTexts as texts } from "../texts";

interface Props {
  kind: Kind;
  name: string;
}

export function AttachedPolicies({ kind, name }: Props) {
  const iam = useIam();
  const url = useUrl();
  const attached = useLoad(() => iam.attached(kind, name), [iam, kind, name]);
  const [adding, setAdding] = useState(false);
  const { error, run } = useAction();
  const detach = (arn: string) =>
    run(async () => {
      await iam.call(`Detach${kind}Policy`, { [`${kind}Name`]: name, PolicyArn: arn });
      attached.reload();
    });
  return (
    <SpaceBetween size="s">
      <ErrorBox error={attached.error ?? error} retry={attached.reload} />
      <Table
        items={attached.data ?? []}
        loading={attached.loading && !attached.data}
        loadingText={common.loading}
        trackBy="arn"
        ariaLabels={{ tableLabel: texts.attached }}
        header={
          <Header counter={`(${attached.data?.length ?? 0})`} actions={<Button onClick={() => setAdding(true)}>{texts.attach}</Button>}>
            {texts.attached}
          </Header>
        }
        columnDefinitions={[
          {
            id: "name",
            header: texts.name,
            isRowHeader: true,
            cell: (one) => (
              <Link href={url(["principals", "policies", one.arn])} onFollow={follow}>
                {one.name}
              </Link>
            ),
          },
          { id: "arn", header: texts.arn, cell: (one) => one.arn },
          {
            id: "actions",
            header: common.actions,
            cell: (one) => (
              <Button variant="inline-link" ariaLabel={`${texts.detach} ${one.name}`} onClick={() => void detach(one.arn)}>
                {texts.detach}
              </Button>
            ),
          },
        ]}
        empty={<Box textAlign="center">{texts.noneAttached}</Box>}
      />
      {adding ? <Attach kind={kind} name={name} onClose={() => setAdding(false)} onDone={attached.reload} /> : null}
    </SpaceBetween>
  );
}

function Attach({ kind, name, onClose, onDone }: Props & { onClose: () => void; onDone: () => void }) {
  const iam = useIam();
  const policies = useLoad(() => iam.policies("All"), [iam]);
  const [arn, setArn] = useState<string>();
  return (
    <Dialog
      title={texts.attach}
      submit={texts.attach}
      ready={arn !== undefined}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        await iam.call(`Attach${kind}Policy`, { [`${kind}Name`]: name, PolicyArn: arn });
      }}
    >
      <ErrorBox error={policies.error} retry={policies.reload} />
      <FormField label={texts.policies}>
        <Select
          selectedOption={arn ? { value: arn, label: arn } : null}
          options={(policies.data ?? []).map((one) => ({ value: one.arn, label: one.name, description: one.arn }))}
          filteringType="auto"
          placeholder={texts.policyName}
          statusType={policies.loading ? "loading" : "finished"}
          onChange={({ detail }) => setArn(detail.selectedOption.value)}
        />
      </FormField>
    </Dialog>
  );
}

export function InlinePolicies({ kind, name }: Props) {
  const iam = useIam();
  const policies = useLoad(() => iam.inline(kind, name), [iam, kind, name]);
  const [open, setOpen] = useState<{ policy?: string }>();
  const { error, run } = useAction();
  const remove = (policy: string) =>
    run(async () => {
      await iam.call(`Delete${kind}Policy`, { [`${kind}Name`]: name, PolicyName: policy });
      policies.reload();
    });
  return (
    <SpaceBetween size="s">
      <ErrorBox error={policies.error ?? error} retry={policies.reload} />
      <Table
        items={(policies.data ?? []).map((policy) => ({ policy }))}
        loading={policies.loading && !policies.data}
        loadingText={common.loading}
        trackBy="policy"
        ariaLabels={{ tableLabel: texts.inline }}
        header={
          <Header counter={`(${policies.data?.length ?? 0})`} actions={<Button onClick={() => setOpen({})}>{texts.putInline}</Button>}>
            {texts.inline}
          </Header>
        }
        columnDefinitions={[
          { id: "name", header: texts.name, cell: (one) => one.policy, isRowHeader: true },
          {
            id: "actions",
            header: common.actions,
            cell: (one) => (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="inline-link" ariaLabel={`${common.edit} ${one.policy}`} onClick={() => setOpen(one)}>
                  {common.edit}
                </Button>
                <Button variant="inline-link" ariaLabel={`${texts.deleteInline} ${one.policy}`} onClick={() => void remove(one.policy)}>
                  {texts.deleteInline}
                </Button>
              </SpaceBetween>
            ),
          },
        ]}
        empty={<Box textAlign="center">{texts.noneAttached}</Box>}
      />
      {open ? (
        <InlineDialog kind={kind} name={name} policy={open.policy} onClose={() => setOpen(undefined)} onDone={policies.reload} />
      ) : null}
    </SpaceBetween>
  );
}

function InlineDialog({ kind, name, policy, onClose, onDone }: Props & { policy?: string; onClose: () => void; onDone: () => void }) {
  const iam = useIam();
  const before = useLoad(
    async () => (policy ? pretty(await iam.inlineDocument(kind, name, policy)) : texts.starter),
    [iam, kind, name, policy],
  );
  const [policyName, setPolicyName] = useState(policy ?? "");
  const [edited, setEdited] = useState<string>();
  const text = edited ?? before.data ?? "";
  const wrong = jsonErrorOffset(text);
  return (
    <Dialog
      title={policy ?? texts.putInline}
      submit={common.save}
      size="large"
      ready={/^[\w+=,.@-]{1,128}$/.test(policyName) && wrong === undefined}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        await iam.call(`Put${kind}Policy`, { [`${kind}Name`]: name, PolicyName: policyName, PolicyDocument: text });
        notify("success", texts.saved);
      }}
    >
      <ErrorBox error={before.error} />
      <FormField label={texts.policyName}>
        <Input value={policyName} disabled={policy !== undefined} onChange={({ detail }) => setPolicyName(detail.value)} spellcheck={false} />
      </FormField>
      <FormField
        label={texts.document}
        stretch
        errorText={wrong === undefined || text === "" ? undefined : detailTexts.policy.notJson(...lineAndColumn(text, wrong))}
      >
        <div className="trent-mono">
          <Textarea value={text} rows={16} spellcheck={false} onChange={({ detail }) => setEdited(detail.value)} />
        </div>
      </FormField>
    </Dialog>
  );
}
