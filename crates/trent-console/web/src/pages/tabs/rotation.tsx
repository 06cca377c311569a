// Key material and its rotation.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useApi } from "../../app/api";
import { useLoad } from "../../app/load";
import { notify } from "../../app/notices";
import { navigate, useUrl } from "../../app/router";
import type { KeyMetadata, Rotation } from "../../aws/model";
import { Copyable } from "../../parts/copy";
import { Dialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { when } from "../../parts/format";
import { common, detailTexts } from "../../texts";
import type { TabProps } from "../key";

const texts = detailTexts.rotation;
const ON_DEMAND_MAX = 25;

export default function RotationTab({ meta, reload }: TabProps) {
  const api = useApi();
  const symmetric = meta.KeySpec === "SYMMETRIC_DEFAULT";
  const rotations = useLoad(
    async (signal) => (symmetric ? await api.rotations(meta.KeyId, signal) : []),
    [api, meta, symmetric],
  );
  if (meta.KeyManager === "AWS") return <Alert type="info">{texts.yearly}</Alert>;
  return (
    <SpaceBetween size="l">
      {symmetric && meta.Origin === "AWS_KMS" ? <AutomaticRotation meta={meta} /> : null}
      <ErrorBox error={rotations.error} retry={rotations.reload} keyId={meta.KeyId} />
      <Materials meta={meta} rotations={rotations.data} loading={rotations.loading} symmetric={symmetric} reload={reload} />
    </SpaceBetween>
  );
}

function AutomaticRotation({ meta }: { meta: KeyMetadata }) {
  const api = useApi();
  const status = useLoad((signal) => api.kms("GetKeyRotationStatus", { KeyId: meta.KeyId }, signal), [api, meta]);
  const [editing, setEditing] = useState(false);
  const enabled = meta.KeyState === "Enabled";
  return (
    <Container
      header={
        <Header
          description={enabled ? undefined : texts.onlyEnabled}
          actions={
            <Button disabled={!status.data || !enabled} ariaLabel={texts.edit} onClick={() => setEditing(true)}>
              {common.edit}
            </Button>
          }
        >
          {texts.title}
        </Header>
      }
    >
      <ErrorBox error={status.error} retry={status.reload} keyId={meta.KeyId} />
      {status.data ? (
        <KeyValuePairs
          columns={3}
          items={[
            { label: texts.status, value: status.data.KeyRotationEnabled ? texts.on : texts.off },
            { label: texts.period, value: status.data.RotationPeriodInDays ?? common.none },
            { label: texts.next, value: when(status.data.NextRotationDate) },
          ]}
        />
      ) : status.error ? null : (
        <Spinner />
      )}
      {editing && status.data ? (
        <EditRotation
          meta={meta}
          enabled={status.data.KeyRotationEnabled}
          period={status.data.RotationPeriodInDays ?? 365}
          onClose={() => setEditing(false)}
          onDone={status.reload}
        />
      ) : null}
    </Container>
  );
}

interface EditProps {
  meta: KeyMetadata;
  enabled: boolean;
  period: number;
  onClose: () => void;
  onDone: () => void;
}

function EditRotation({ meta, enabled, period, onClose, onDone }: EditProps) {
  const api = useApi();
  const [on, setOn] = useState(enabled);
  const [days, setDays] = useState(String(period));
  const number = Number(days);
  const good = !on || (/^\d+$/.test(days) && number >= 90 && number <= 2560);
  return (
    <Dialog
      title={texts.edit}
      submit={common.save}
      ready={good}
      dirty={on !== enabled || days !== String(period)}
      keyId={meta.KeyId}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        if (on) await api.kms("EnableKeyRotation", { KeyId: meta.KeyId, RotationPeriodInDays: number });
        else await api.kms("DisableKeyRotation", { KeyId: meta.KeyId });
        notify("success", texts.saved);
      }}
    >
      <Checkbox checked={on} onChange={({ detail }) => setOn(detail.checked)}>
        {texts.box}
      </Checkbox>
      {on ? (
        <FormField label={texts.period} constraintText={texts.periodHint} errorText={good ? undefined : texts.periodError}>
          <Input value={days} inputMode="numeric" onChange={({ detail }) => setDays(detail.value)} />
        </FormField>
      ) : null}
    </Dialog>
  );
}

interface MaterialsProps {
  meta: KeyMetadata;
  rotations: Rotation[] | undefined;
  loading: boolean;
  symmetric: boolean;
  reload: () => void;
}

function Materials({ meta, rotations, loading, symmetric, reload }: MaterialsProps) {
  const api = useApi();
  const url = useUrl();
  const [open, setOpen] = useState<"rotate" | "delete">();
  const [selected, setSelected] = useState<Rotation[]>([]);
  const external = meta.Origin === "EXTERNAL";
  const onDemand = (rotations ?? []).filter((one) => one.RotationType === "ON_DEMAND").length;
  const replica = meta.MultiRegionConfiguration?.MultiRegionKeyType === "REPLICA";
  const going = meta.KeyState === "PendingDeletion" || meta.KeyState === "PendingReplicaDeletion";
  const shownState = (state: string | undefined): string => (state ? (texts.states[state] ?? state) : common.none);
  const [first] = selected;
  return (
    <>
      <Table
        items={rotations ?? []}
        loading={loading && !rotations}
        loadingText={common.loading}
        trackBy={(one) => one.KeyMaterialId ?? String(one.RotationDate)}
        wrapLines
        selectionType={external && symmetric ? "single" : undefined}
        selectedItems={selected}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        ariaLabels={{
          tableLabel: texts.materials,
          selectionGroupLabel: texts.materials,
          itemSelectionLabel: (_, one) => `${texts.id} ${one.KeyMaterialId ?? ""}`,
        }}
        columnDefinitions={[
          {
            id: "id",
            header: texts.id,
            isRowHeader: true,
            maxWidth: 300,
            cell: (one) => (one.KeyMaterialId ? <Copyable text={one.KeyMaterialId} label={texts.id} /> : common.none),
          },
          { id: "state", header: texts.state, cell: (one) => shownState(one.KeyMaterialState) },
          { id: "date", header: texts.date, cell: (one) => when(one.RotationDate) },
          { id: "type", header: texts.type, cell: (one) => (one.RotationType ? (texts.types[one.RotationType] ?? one.RotationType) : common.none) },
          ...(external
            ? [
                { id: "import", header: texts.importState, cell: (one: Rotation) => shownState(one.ImportState) },
                { id: "expires", header: texts.expires, cell: (one: Rotation) => when(one.ValidTo) },
                { id: "description", header: texts.description, cell: (one: Rotation) => one.KeyMaterialDescription || common.none },
              ]
            : []),
        ]}
        header={
          <Header
            counter={symmetric ? `(${rotations?.length ?? 0})` : undefined}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {external ? (
                  <SpaceBetween direction="horizontal" size="xs">
                    <Button disabled={going || (meta.KeyState === "PendingImport" && !first)} onClick={() => setOpen("delete")}>
                      {texts.deleteMaterial}
                    </Button>
                    <Button disabled={going} onClick={() => navigate(url(["keys", meta.KeyId, "import"]))}>
                      {texts.import}
                    </Button>
                    <Button disabled={going} onClick={() => navigate(url(["keys", meta.KeyId, "import"], { step: "upload" }))}>
                      {detailTexts.uploadMaterial}
                    </Button>
                  </SpaceBetween>
                ) : null}
                {symmetric && !replica ? (
                  <Button disabled={meta.KeyState !== "Enabled" || onDemand >= ON_DEMAND_MAX} onClick={() => setOpen("rotate")}>
                    {texts.now}
                  </Button>
                ) : null}
              </SpaceBetween>
            }
          >
            {texts.materials}
          </Header>
        }
        empty={<Box textAlign="center">{symmetric ? texts.empty : common.none}</Box>}
      />
      {open === "rotate" ? (
        <Dialog
          title={texts.nowTitle}
          submit={texts.now}
          keyId={meta.KeyId}
          onClose={() => setOpen(undefined)}
          onDone={reload}
          onSubmit={async () => {
            await api.kms("RotateKeyOnDemand", { KeyId: meta.KeyId });
            notify("success", texts.rotated);
          }}
        >
          <Alert type="warning">{texts.nowText(ON_DEMAND_MAX - onDemand)}</Alert>
        </Dialog>
      ) : null}
      {open === "delete" ? (
        <Dialog
          title={texts.deleteTitle}
          submit={texts.deleteMaterial}
          keyId={meta.KeyId}
          onClose={() => setOpen(undefined)}
          onDone={reload}
          onSubmit={async () => {
            await api.kms("DeleteImportedKeyMaterial", { KeyId: meta.KeyId, KeyMaterialId: first?.KeyMaterialId });
            notify("success", texts.materialDeleted);
          }}
        >
          <Alert type="warning">{texts.deleteText}</Alert>
          {first ? <Box>{first.KeyMaterialId}</Box> : null}
        </Dialog>
      ) : null}
    </>
  );
}
