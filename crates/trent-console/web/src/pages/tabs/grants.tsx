import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";

import { useApi } from "../../app/api";
import { useLoad } from "../../app/load";
import { notify } from "../../app/notices";
import type { Grant, KeyMetadata } from "../../aws/model";
import { Copyable } from "../../parts/copy";
import { Dialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { when } from "../../parts/format";
import { common, detailTexts, keyTexts } from "../../texts";
import type { TabProps } from "../key";
import { typeOf } from "../key-filter";

const texts = detailTexts.grants;

/** The operations that a grant on a key of this kind can allow. */
function operationsOf(meta: KeyMetadata): string[] {
  const asymmetric = typeOf(meta) === keyTexts.asymmetric;
  const always = ["DescribeKey", "CreateGrant", "RetireGrant"];
  const open = asymmetric ? ["GetPublicKey"] : [];
  switch (meta.KeyUsage) {
    case "ENCRYPT_DECRYPT":
      return [
        "Encrypt",
        "Decrypt",
        "ReEncryptFrom",
        "ReEncryptTo",
        ...(asymmetric
          ? []
          : ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"]),
        ...open,
        ...always,
      ];
    case "SIGN_VERIFY":
      return ["Sign", "Verify", ...open, ...always];
    case "GENERATE_VERIFY_MAC":
      return ["GenerateMac", "VerifyMac", ...always];
    case "KEY_AGREEMENT":
      return ["DeriveSharedSecret", ...open, ...always];
    case "ENCAPSULATE_DECAPSULATE":
      return ["Encapsulate", "Decapsulate", ...open, ...always];
  }
}

const constraintsOf = (grant: Grant): string =>
  [grant.Constraints?.EncryptionContextEquals, grant.Constraints?.EncryptionContextSubset]
    .flatMap((pairs) => Object.entries(pairs ?? {}).map(([name, value]) => `${name}=${value}`))
    .join(", ") || common.none;

export default function GrantsTab({ meta }: TabProps) {
  const api = useApi();
  const grants = useLoad((signal) => api.grants(meta.KeyId, signal), [api, meta]);
  const [selected, setSelected] = useState<Grant[]>([]);
  const [open, setOpen] = useState<"create" | "revoke">();
  const [first] = selected;
  const done = (): void => {
    setSelected([]);
    grants.reload();
  };
  return (
    <SpaceBetween size="m">
      <ErrorBox error={grants.error} retry={grants.reload} keyId={meta.KeyId} />
      <Table
        items={grants.data ?? []}
        loading={grants.loading && !grants.data}
        loadingText={common.loading}
        trackBy="GrantId"
        selectionType="single"
        selectedItems={selected}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        ariaLabels={{
          tableLabel: detailTexts.tabs.grants,
          selectionGroupLabel: detailTexts.tabs.grants,
          itemSelectionLabel: (_, one) => texts.select(one.Name || one.GrantId),
        }}
        wrapLines
        columnDefinitions={[
          { id: "id", header: texts.id, cell: (one) => <Copyable text={one.GrantId} label={texts.id} />, isRowHeader: true },
          { id: "name", header: texts.name, cell: (one) => one.Name || common.none },
          { id: "grantee", header: texts.grantee, cell: (one) => one.GranteePrincipal ?? one.GranteeServicePrincipal ?? common.none },
          { id: "retiring", header: texts.retiring, cell: (one) => one.RetiringPrincipal ?? common.none },
          { id: "operations", header: texts.operations, cell: (one) => (one.Operations ?? []).join(", ") },
          { id: "constraints", header: texts.constraints, cell: constraintsOf },
          { id: "created", header: texts.created, cell: (one) => when(one.CreationDate) },
        ]}
        header={
          <Header
            counter={`(${grants.data?.length ?? 0})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!first} onClick={() => setOpen("revoke")}>
                  {texts.revoke}
                </Button>
                <Button onClick={() => setOpen("create")}>{texts.create}</Button>
              </SpaceBetween>
            }
          >
            {detailTexts.tabs.grants}
          </Header>
        }
        empty={<Box textAlign="center">{texts.empty}</Box>}
      />
      {open === "create" ? <CreateGrant meta={meta} onClose={() => setOpen(undefined)} onDone={done} /> : null}
      {open === "revoke" && first ? (
        <Dialog
          title={texts.revokeTitle}
          submit={texts.revoke}
          keyId={meta.KeyId}
          onClose={() => setOpen(undefined)}
          onDone={done}
          onSubmit={async () => {
            await api.kms("RevokeGrant", { KeyId: meta.KeyId, GrantId: first.GrantId });
            notify("success", texts.revoked);
          }}
        >
          <Box>{texts.revokeText}</Box>
          <Box>{first.GranteePrincipal}</Box>
        </Dialog>
      ) : null}
    </SpaceBetween>
  );
}

/** `key=value` lines; undefined when a line is something else. */
export function parsePairs(text: string): Record<string, string> | undefined {
  const pairs: Record<string, string> = {};
  for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
    const at = line.indexOf("=");
    if (at < 1) return undefined;
    pairs[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return pairs;
}

function CreateGrant({ meta, onClose, onDone }: { meta: KeyMetadata; onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [name, setName] = useState("");
  const [grantee, setGrantee] = useState("");
  const [retiring, setRetiring] = useState("");
  const [operations, setOperations] = useState<string[]>([]);
  const [context, setContext] = useState("");
  const pairs = parsePairs(context);
  return (
    <Dialog
      title={texts.create}
      submit={texts.create}
      size="large"
      keyId={meta.KeyId}
      ready={grantee.trim() !== "" && operations.length > 0 && pairs !== undefined}
      dirty={grantee + retiring + name + context !== "" || operations.length > 0}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        await api.kms("CreateGrant", {
          KeyId: meta.KeyId,
          Name: name.trim() || undefined,
          GranteePrincipal: grantee.trim(),
          RetiringPrincipal: retiring.trim() || undefined,
          Operations: operations,
          Constraints: pairs && Object.keys(pairs).length > 0 ? { EncryptionContextSubset: pairs } : undefined,
        });
        notify("success", texts.createdDone);
      }}
    >
      <FormField label={texts.grantee} constraintText={texts.granteeHint}>
        <Input value={grantee} onChange={({ detail }) => setGrantee(detail.value)} spellcheck={false} />
      </FormField>
      <FormField label={texts.operations}>
        <Multiselect
          selectedOptions={operations.map((value) => ({ value, label: value }))}
          options={operationsOf(meta).map((value) => ({ value, label: value }))}
          placeholder={texts.needOperations}
          onChange={({ detail }) => setOperations(detail.selectedOptions.flatMap((one) => one.value ?? []))}
        />
      </FormField>
      <FormField label={`${texts.retiring} – ${common.optional}`}>
        <Input value={retiring} onChange={({ detail }) => setRetiring(detail.value)} spellcheck={false} />
      </FormField>
      <FormField label={`${texts.name} – ${common.optional}`}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      {meta.KeySpec === "SYMMETRIC_DEFAULT" ? (
        <FormField
          label={`${texts.subset} – ${common.optional}`}
          constraintText={texts.contextHint}
          errorText={pairs ? undefined : texts.badContext}
        >
          <Textarea value={context} rows={3} onChange={({ detail }) => setContext(detail.value)} />
        </FormField>
      ) : null}
    </Dialog>
  );
}
