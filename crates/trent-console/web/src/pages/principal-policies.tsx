// The policies of a user, role or group.
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";

import { useIam } from "../app/api";
import { useAction, useLoad } from "../app/load";
import { notify } from "../app/notices";
import { follow, useUrl } from "../app/router";
import { type Kind, named } from "../aws/iam";
import { Dialog } from "../parts/dialog";
import { DocumentEditor, isJson } from "../parts/document-editor";
import { ErrorBox } from "../parts/errors";
import { pretty } from "../parts/format";
import { LoadedTable } from "../parts/found-list";
import { common, principalTexts as texts } from "../texts";
import { usePolicyOptions } from "./principal-create";

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
      await iam.call(`Detach${kind}Policy`, { ...named(kind, name), PolicyArn: arn });
      attached.reload();
    });
  return (
    <SpaceBetween size="s">
      <ErrorBox error={error} />
      <LoadedTable
        title={texts.attached}
        loaded={attached}
        trackBy="arn"
        actions={<Button onClick={() => setAdding(true)}>{texts.attach}</Button>}
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
        empty={texts.noneAttached}
      />
      {adding ? (
        <ChoosePolicy
          title={texts.attach}
          onClose={() => setAdding(false)}
          onDone={attached.reload}
          onChoose={(arn) => iam.call(`Attach${kind}Policy`, { ...named(kind, name), PolicyArn: arn })}
        />
      ) : null}
    </SpaceBetween>
  );
}

interface ChooseProps {
  title: string;
  onChoose: (arn: string) => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
}

/** A managed policy, the account's or AWS's. */
export function ChoosePolicy({ title, onChoose, onClose, onDone }: ChooseProps) {
  const policies = usePolicyOptions();
  const [arn, setArn] = useState<string>();
  const options = policies.data ?? [];
  return (
    <Dialog
      title={title}
      submit={title}
      ready={arn !== undefined}
      dirty={arn !== undefined}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        if (arn) await onChoose(arn);
      }}
    >
      <ErrorBox error={policies.error} retry={policies.reload} />
      <FormField label={texts.policies}>
        <Select
          selectedOption={options.find((one) => one.value === arn) ?? null}
          options={options}
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
  const policies = useLoad(async () => (await iam.inline(kind, name)).map((policy) => ({ policy })), [iam, kind, name]);
  const [open, setOpen] = useState<{ policy?: string }>();
  const [deleting, setDeleting] = useState<string>();
  return (
    <SpaceBetween size="s">
      <LoadedTable
        title={texts.inline}
        loaded={policies}
        trackBy="policy"
        actions={<Button onClick={() => setOpen({})}>{texts.putInline}</Button>}
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
                <Button variant="inline-link" ariaLabel={`${texts.deleteInline} ${one.policy}`} onClick={() => setDeleting(one.policy)}>
                  {texts.deleteInline}
                </Button>
              </SpaceBetween>
            ),
          },
        ]}
        empty={texts.noneAttached}
      />
      {open ? (
        <InlineDialog kind={kind} name={name} policy={open.policy} onClose={() => setOpen(undefined)} onDone={policies.reload} />
      ) : null}
      {deleting === undefined ? null : (
        <Dialog
          title={`${texts.deleteInline} ${deleting}`}
          submit={texts.deleteInline}
          onClose={() => setDeleting(undefined)}
          onDone={policies.reload}
          onSubmit={async () => {
            await iam.call(`Delete${kind}Policy`, { ...named(kind, name), PolicyName: deleting });
          }}
        >
          {texts.deleteInlineText}
        </Dialog>
      )}
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
  return (
    <Dialog
      title={policy ?? texts.putInline}
      submit={common.save}
      size="large"
      ready={/^[\w+=,.@-]{1,128}$/.test(policyName) && isJson(text)}
      dirty={edited !== undefined || policyName !== (policy ?? "")}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        await iam.call(`Put${kind}Policy`, { ...named(kind, name), PolicyName: policyName, PolicyDocument: text });
        notify("success", texts.saved);
      }}
    >
      <ErrorBox error={before.error} />
      <FormField label={texts.policyName}>
        <Input value={policyName} disabled={policy !== undefined} onChange={({ detail }) => setPolicyName(detail.value)} spellcheck={false} />
      </FormField>
      {before.data === undefined && !before.error ? <Spinner /> : <DocumentEditor label={texts.document} text={text} onChange={setEdited} />}
    </Dialog>
  );
}
