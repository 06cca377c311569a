// The default view of a key policy: who administers and who uses the key.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useApi } from "../../app/api";
import { useAction } from "../../app/load";
import { notify } from "../../app/notices";
import type { KeyMetadata } from "../../aws/model";
import { AccountsEditor, goodAccounts } from "../../parts/accounts-editor";
import { Dialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { nameOfArn, PrincipalPicker, usePrincipals } from "../../parts/principal-picker";
import { common, createTexts, detailTexts } from "../../texts";
import { consolePolicy, type KeyKind, type PolicyChoices, policyText } from "../policy";

const texts = detailTexts.policy;

interface Props {
  meta: KeyMetadata;
  kind: KeyKind;
  choices: PolicyChoices;
  onSaved: () => void;
}

type List = "administrators" | "users" | "otherAccounts";

export function DefaultView({ meta, kind, choices, onSaved }: Props) {
  const api = useApi();
  const [adding, setAdding] = useState<List>();
  const { running, error, run } = useAction();
  const put = async (changed: Partial<PolicyChoices>): Promise<void> => {
    const Policy = policyText(consolePolicy({ ...choices, ...changed }, kind));
    await api.kms("PutKeyPolicy", { KeyId: meta.KeyId, PolicyName: "default", Policy });
    notify("success", texts.saved);
    onSaved();
  };
  const lists: [List, string, string, string, string][] = [
    ["administrators", texts.administrators, texts.administratorsHint, texts.noAdministrators, texts.addAdministrators],
    ["users", texts.users, texts.usersHint, texts.noUsers, texts.addUsers],
    ["otherAccounts", texts.others, texts.othersHint, texts.noOthers, texts.addAccount],
  ];
  return (
    <SpaceBetween size="l">
      <ErrorBox error={error} keyId={meta.KeyId} />
      {lists.map(([list, title, hint, empty, add]) => (
        <SpaceBetween key={list} size="l">
          <Members
            title={title}
            hint={hint}
            empty={empty}
            add={add}
            members={choices[list]}
            busy={running}
            onAdd={() => setAdding(list)}
            onRemove={(gone) => void run(() => put({ [list]: choices[list].filter((one) => !gone.includes(one)) }))}
          />
          {list === "administrators" && choices.administrators.length > 0 ? (
            <Container header={<Header variant="h3">{texts.deletion}</Header>}>
              <Checkbox
                checked={choices.administratorsMayDelete}
                disabled={running}
                onChange={({ detail }) => void run(() => put({ administratorsMayDelete: detail.checked }))}
              >
                {texts.deletionBox}
              </Checkbox>
            </Container>
          ) : null}
        </SpaceBetween>
      ))}
      {adding ? (
        <AddMembers
          meta={meta}
          list={adding}
          members={choices[adding]}
          title={lists.find(([list]) => list === adding)?.[4] ?? ""}
          onClose={() => setAdding(undefined)}
          onAdd={(members) => put({ [adding]: members })}
        />
      ) : null}
    </SpaceBetween>
  );
}

interface MembersProps {
  title: string;
  hint: string;
  empty: string;
  add: string;
  members: string[];
  busy: boolean;
  onAdd: () => void;
  onRemove: (gone: string[]) => void;
}

function Members({ title, hint, empty, add, members, busy, onAdd, onRemove }: MembersProps) {
  const [selected, setSelected] = useState<{ arn: string }[]>([]);
  const still = selected.filter((one) => members.includes(one.arn));
  return (
    <Table
      items={members.map((arn) => ({ arn }))}
      trackBy="arn"
      selectionType="multi"
      selectedItems={still}
      onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
      ariaLabels={{
        tableLabel: title,
        allItemsSelectionLabel: () => createTexts.principals.selectAll,
        itemSelectionLabel: (_, one) => createTexts.principals.select(nameOfArn(one.arn)),
      }}
      columnDefinitions={[
        { id: "name", header: texts.name, cell: (one) => nameOfArn(one.arn), isRowHeader: true },
        {
          id: "type",
          header: texts.type,
          cell: (one) => (one.arn.includes(":user/") ? createTexts.principals.user : one.arn.includes(":role/") ? createTexts.principals.role : common.account),
        },
        { id: "arn", header: detailTexts.arn, cell: (one) => (one.arn.startsWith("arn:") ? one.arn : common.none) },
      ]}
      header={
        <Header
          variant="h3"
          counter={`(${members.length})`}
          description={hint}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                disabled={still.length === 0 || busy}
                ariaLabel={`${common.remove}: ${title}`}
                onClick={() => onRemove(still.map((one) => one.arn))}
              >
                {common.remove}
              </Button>
              <Button disabled={busy} ariaLabel={add} onClick={onAdd}>
                {common.add}
              </Button>
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
      empty={<Box textAlign="center">{empty}</Box>}
    />
  );
}

interface AddProps {
  meta: KeyMetadata;
  list: List;
  members: string[];
  title: string;
  onClose: () => void;
  onAdd: (members: string[]) => Promise<void>;
}

function AddMembers({ meta, list, members, title, onClose, onAdd }: AddProps) {
  const [chosen, setChosen] = useState(members);
  const ready = list !== "otherAccounts" || goodAccounts(chosen, meta.AWSAccountId);
  return (
    <Dialog title={title} submit={common.save} size="large" ready={ready} dirty={chosen !== members} keyId={meta.KeyId} onClose={onClose} onSubmit={() => onAdd(chosen)}>
      {list === "otherAccounts" ? (
        <AccountsEditor accounts={chosen} own={meta.AWSAccountId} onChange={setChosen} tried />
      ) : (
        <PickPrincipals title={title} chosen={chosen} onChange={setChosen} />
      )}
    </Dialog>
  );
}

function PickPrincipals({ title, chosen, onChange }: { title: string; chosen: string[]; onChange: (arns: string[]) => void }) {
  const principals = usePrincipals();
  return <PrincipalPicker title={title} principals={principals} selected={chosen} onChange={onChange} />;
}
