import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useApi } from "../../app/api";
import { eachOf, useLoad } from "../../app/load";
import { notify } from "../../app/notices";
import type { Alias } from "../../aws/model";
import { Copyable } from "../../parts/copy";
import { Dialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { bareAlias, when } from "../../parts/format";
import { common, detailTexts, keyTexts } from "../../texts";
import { aliasError } from "../create-choices";
import type { TabProps } from "../key";

const texts = detailTexts.aliases;

export function AliasesTab({ meta, reload }: TabProps) {
  const api = useApi();
  const aliases = useLoad((signal) => api.aliases(meta.KeyId, signal), [api, meta]);
  const [selected, setSelected] = useState<Alias[]>([]);
  const [open, setOpen] = useState<"create" | "delete">();
  const [name, setName] = useState("");
  const close = (): void => setOpen(undefined);
  const stop = (): void => {
    setName("");
    close();
  };
  const done = (): void => {
    setSelected([]);
    setName("");
    reload();
  };
  const wrong = aliasError(name, []);
  return (
    <SpaceBetween size="m">
      <ErrorBox error={aliases.error} retry={aliases.reload} />
      <Table
        items={aliases.data ?? []}
        loading={aliases.loading && !aliases.data}
        loadingText={common.loading}
        trackBy="AliasName"
        selectionType="multi"
        selectedItems={selected}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        ariaLabels={{
          tableLabel: detailTexts.tabs.aliases,
          allItemsSelectionLabel: () => keyTexts.selectAll,
          itemSelectionLabel: (_, one) => texts.select(bareAlias(one.AliasName)),
        }}
        columnDefinitions={[
          { id: "name", header: texts.name, cell: (one) => bareAlias(one.AliasName), isRowHeader: true },
          { id: "arn", header: texts.arn, cell: (one) => <Copyable text={one.AliasArn} label={texts.arn} /> },
          { id: "created", header: detailTexts.created, cell: (one) => when(one.CreationDate) },
        ]}
        header={
          <Header
            counter={`(${aliases.data?.length ?? 0})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={selected.length === 0} onClick={() => setOpen("delete")}>
                  {texts.delete}
                </Button>
                <Button onClick={() => setOpen("create")}>{texts.create}</Button>
              </SpaceBetween>
            }
          >
            {detailTexts.tabs.aliases}
          </Header>
        }
        empty={<Box textAlign="center">{texts.empty}</Box>}
      />
      {open === "create" ? (
        <Dialog
          title={texts.create}
          submit={texts.create}
          ready={!wrong}
          dirty={name !== ""}
          keyId={meta.KeyId}
          onClose={stop}
          onDone={done}
          onSubmit={async () => {
            await api.kms("CreateAlias", { AliasName: `alias/${name.trim()}`, TargetKeyId: meta.KeyId });
            notify("success", texts.created);
          }}
        >
          <FormField label={texts.label} constraintText={texts.hint} errorText={name === "" ? undefined : wrong}>
            <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete={false} spellcheck={false} />
          </FormField>
        </Dialog>
      ) : null}
      {open === "delete" ? (
        <Dialog
          title={texts.deleteTitle}
          submit={texts.delete}
          keyId={meta.KeyId}
          onClose={close}
          onDone={done}
          onSubmit={async () => {
            await eachOf(selected, 1, async (one) => {
              await api.kms("DeleteAlias", { AliasName: one.AliasName });
            });
            notify("success", texts.deleted);
          }}
        >
          <Box>{texts.deleteText}</Box>
          <ul>
            {selected.map((one) => (
              <li key={one.AliasName}>{bareAlias(one.AliasName)}</li>
            ))}
          </ul>
        </Dialog>
      ) : null}
    </SpaceBetween>
  );
}
