// Multi-Region keys: where the related keys are, new replicas, and the primary Region.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useApi } from "../../app/api";
import { useLoad } from "../../app/load";
import { notify } from "../../app/notices";
import { follow, useUrl } from "../../app/router";
import { bind } from "../../aws/api";
import type { KeyMetadata, Tag } from "../../aws/model";
import { Copyable } from "../../parts/copy";
import { Dialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { pretty } from "../../parts/format";
import { PolicyEditor, usePolicyCheck } from "../../parts/policy-editor";
import { goodTags, TagsEditor } from "../../parts/tags-editor";
import { common, createTexts, detailTexts, keyTexts } from "../../texts";
import { aliasError, reservedDescription } from "../create-choices";
import type { TabProps } from "../key";

const texts = detailTexts.regions;

export default function RegionsTab({ meta, reload }: TabProps) {
  const url = useUrl();
  const [open, setOpen] = useState<"replicate" | "primary">();
  const configuration = meta.MultiRegionConfiguration;
  if (!configuration) return <Box>{texts.single}</Box>;
  const primary = configuration.MultiRegionKeyType === "PRIMARY";
  const rows = [
    { ...configuration.PrimaryKey, role: keyTexts.primary },
    ...configuration.ReplicaKeys.map((key) => ({ ...key, role: keyTexts.replica })),
  ];
  const close = (): void => setOpen(undefined);
  return (
    <SpaceBetween size="m">
      <Table
        items={rows}
        trackBy="Arn"
        ariaLabels={{ tableLabel: texts.related }}
        columnDefinitions={[
          {
            id: "region",
            header: texts.region,
            isRowHeader: true,
            cell: (one) => (
              <Link href={url(["keys", meta.KeyId], { tab: "regions" }, one.Region)} onFollow={follow}>
                {one.Region}
              </Link>
            ),
          },
          { id: "role", header: texts.role, cell: (one) => one.role },
          { id: "arn", header: texts.arn, cell: (one) => <Copyable text={one.Arn} label={texts.arn} /> },
        ]}
        header={
          <Header
            counter={`(${rows.length})`}
            description={primary ? undefined : texts.atPrimary}
            actions={
              primary ? (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button disabled={configuration.ReplicaKeys.length === 0} onClick={() => setOpen("primary")}>
                    {texts.change}
                  </Button>
                  <Button onClick={() => setOpen("replicate")}>{texts.create}</Button>
                </SpaceBetween>
              ) : (
                <Button href={url(["keys", meta.KeyId], { tab: "regions" }, configuration.PrimaryKey.Region)} onFollow={follow}>
                  {texts.goToPrimary}
                </Button>
              )
            }
          >
            {texts.related}
          </Header>
        }
      />
      {open === "replicate" ? <Replicate meta={meta} used={rows.map((one) => one.Region)} onClose={close} onDone={reload} /> : null}
      {open === "primary" ? (
        <ChangePrimary meta={meta} regions={configuration.ReplicaKeys.map((one) => one.Region)} onClose={close} onDone={reload} />
      ) : null}
    </SpaceBetween>
  );
}

interface DialogProps {
  meta: KeyMetadata;
  onClose: () => void;
  onDone: () => void;
}

async function served(signal: AbortSignal): Promise<string[]> {
  const response = await fetch("/console/deployment.json", { signal });
  return ((await response.json()) as { regions: string[] }).regions;
}

function Replicate({ meta, used, onClose, onDone }: DialogProps & { used: string[] }) {
  const api = useApi();
  const regions = useLoad(served, []);
  // What the primary key has is proposed; from then on each key has its own.
  const primary = useLoad(
    async (signal) => ({
      policy: pretty((await api.kms("GetKeyPolicy", { KeyId: meta.KeyId }, signal)).Policy),
      tags: await api.tags(meta.KeyId, signal),
    }),
    [api, meta],
  );
  const [chosen, setChosen] = useState<string[]>([]);
  const [alias, setAlias] = useState("");
  const [description, setDescription] = useState(meta.Description ?? "");
  const [editedTags, setTags] = useState<Tag[]>();
  const [editedPolicy, setPolicy] = useState<string>();
  const [bypass, setBypass] = useState(false);
  const tags = editedTags ?? primary.data?.tags ?? [];
  const policy = editedPolicy ?? primary.data?.policy ?? "";
  const check = usePolicyCheck(policy);
  const wrong = alias === "" ? undefined : aliasError(alias, []);
  return (
    <Dialog
      title={texts.create}
      submit={texts.create}
      size="large"
      keyId={meta.KeyId}
      ready={chosen.length > 0 && !wrong && primary.data !== undefined && check.good && goodTags(tags)}
      dirty={chosen.length > 0 || alias !== "" || editedTags !== undefined || editedPolicy !== undefined}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        for (const region of chosen) {
          await api.kms("ReplicateKey", {
            KeyId: meta.KeyId,
            ReplicaRegion: region,
            Description: description,
            Policy: policy,
            BypassPolicyLockoutSafetyCheck: bypass || undefined,
            Tags: tags.map((tag) => ({ TagKey: tag.TagKey.trim(), TagValue: tag.TagValue })),
          });
          if (alias) {
            const there = bind({ ...api.endpoint, region });
            await there.kms("CreateAlias", { AliasName: `alias/${alias.trim()}`, TargetKeyId: meta.KeyId });
          }
        }
        notify("success", texts.replicated(chosen.length));
      }}
    >
      <Box>{texts.createText}</Box>
      <FormField label={texts.regionsLabel}>
        <Multiselect
          selectedOptions={chosen.map((value) => ({ value, label: value }))}
          options={(regions.data ?? []).map((value) => ({ value, label: value, disabled: used.includes(value) }))}
          placeholder={texts.noRegion}
          statusType={regions.loading ? "loading" : "finished"}
          onChange={({ detail }) => setChosen(detail.selectedOptions.flatMap((one) => one.value ?? []))}
        />
      </FormField>
      <FormField label={`${createTexts.alias} – ${common.optional}`} errorText={wrong}>
        <Input value={alias} onChange={({ detail }) => setAlias(detail.value)} spellcheck={false} />
      </FormField>
      <FormField
        label={`${createTexts.description} – ${common.optional}`}
        warningText={reservedDescription(description) ? detailTexts.descriptionReserved : undefined}
      >
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
      <ErrorBox error={primary.error} retry={primary.reload} keyId={meta.KeyId} />
      {primary.data ? (
        <SpaceBetween size="m">
          <Header variant="h3" description={texts.replicaTags}>
            {createTexts.tags}
          </Header>
          <TagsEditor tags={tags} onChange={setTags} tried />
          <ExpandableSection headerText={createTexts.policy} headerDescription={texts.replicaPolicy}>
            <PolicyEditor text={policy} onChange={setPolicy} bypass={bypass} onBypass={setBypass} />
          </ExpandableSection>
        </SpaceBetween>
      ) : primary.error ? null : (
        <Spinner />
      )}
    </Dialog>
  );
}

function ChangePrimary({ meta, regions, onClose, onDone }: DialogProps & { regions: string[] }) {
  const api = useApi();
  const [region, setRegion] = useState<string>();
  return (
    <Dialog
      title={texts.change}
      submit={texts.change}
      ready={region !== undefined}
      keyId={meta.KeyId}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        await api.kms("UpdatePrimaryRegion", { KeyId: meta.KeyId, PrimaryRegion: region });
        notify("success", texts.changed);
      }}
    >
      <Box>{texts.changeText}</Box>
      <FormField label={texts.region}>
        <Select
          selectedOption={region ? { value: region, label: region } : null}
          options={regions.map((value) => ({ value, label: value }))}
          placeholder={texts.noRegion}
          onChange={({ detail }) => setRegion(detail.selectedOption.value)}
        />
      </FormField>
    </Dialog>
  );
}
