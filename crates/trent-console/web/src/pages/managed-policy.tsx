// A managed policy: what it says, its versions, and what it is attached to.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";

import { useIam } from "../app/api";
import { type Loaded, useAction, useLoad } from "../app/load";
import { notify } from "../app/notices";
import { follow, useUrl } from "../app/router";
import type { PolicyVersion } from "../aws/iam";
import { Copyable } from "../parts/copy";
import { Dialog } from "../parts/dialog";
import { DocumentEditor, isJson } from "../parts/document-editor";
import { ErrorBox } from "../parts/errors";
import { isoWhen, pretty } from "../parts/format";
import { LoadedTable } from "../parts/found-list";
import { PageState } from "../parts/page-state";
import { nameOfArn } from "../parts/principal-picker";
import { common, principalTexts as texts } from "../texts";
import { LISTS } from "./principal-create";
import { DeleteDialog } from "./principal-delete";
import { EntityTags } from "./principal-settings";

export function PolicyPage({ arn }: { arn: string }) {
  const iam = useIam();
  const policy = useLoad(() => iam.policy(arn), [iam, arn]);
  const versions = useLoad(() => iam.versions(arn), [iam, arn]);
  const [wanted, setWanted] = useState("");
  const [open, setOpen] = useState<"edit" | "delete">();
  const shown = wanted || (policy.data?.defaultVersion ?? "");
  const document = useLoad(async () => (shown ? pretty(await iam.document(arn, shown)) : undefined), [iam, arn, shown]);
  const name = nameOfArn(arn);
  if (!policy.data) return <PageState title={name} loaded={policy} />;
  const own = !arn.includes(":iam::aws:");
  const { description, path, created, boundaries } = policy.data;
  const reload = (): void => {
    setWanted("");
    policy.reload();
    versions.reload();
  };
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={own ? undefined : texts.awsPolicy}
        actions={own ? <Button onClick={() => setOpen("delete")}>{texts.deletes.Policy}</Button> : undefined}
      >
        {name}
      </Header>
      <Container>
        <KeyValuePairs
          columns={3}
          items={[
            { label: texts.arn, value: <Copyable text={arn} label={texts.arn} /> },
            { label: texts.path, value: path },
            { label: texts.created, value: isoWhen(created) },
            ...(description ? [{ label: texts.entityDescription, value: description }] : []),
          ]}
        />
      </Container>
      <Container
        header={
          <Header
            actions={
              own ? (
                <Button disabled={document.data === undefined} onClick={() => setOpen("edit")}>
                  {texts.editPolicy}
                </Button>
              ) : undefined
            }
          >
            {`${texts.document} (${shown})`}
          </Header>
        }
      >
        <ErrorBox error={document.error} retry={document.reload} />
        {document.data === undefined ? document.error ? null : <Spinner /> : <pre className="trent-code">{document.data}</pre>}
      </Container>
      <Versions arn={arn} own={own} versions={versions} onShow={setWanted} onChanged={reload} />
      <AttachedTo arn={arn} />
      {own ? <EntityTags kind="Policy" name={arn} /> : null}
      {open === "edit" && document.data !== undefined ? (
        <EditPolicy arn={arn} before={document.data} onClose={() => setOpen(undefined)} onDone={reload} />
      ) : null}
      {open === "delete" ? (
        <DeleteDialog kind="Policy" name={name} onDelete={() => iam.removePolicy(arn)} onClose={() => setOpen(undefined)}>
          {boundaries > 0 ? <Alert type="info">{texts.boundedBy}</Alert> : null}
        </DeleteDialog>
      ) : null}
    </SpaceBetween>
  );
}

interface VersionsProps {
  arn: string;
  own: boolean;
  versions: Loaded<PolicyVersion[]>;
  onShow: (version: string) => void;
  onChanged: () => void;
}

function Versions({ arn, own, versions, onShow, onChanged }: VersionsProps) {
  const iam = useIam();
  const { error, run } = useAction();
  const act = (action: string, version: string) =>
    run(async () => {
      await iam.call(action, { PolicyArn: arn, VersionId: version });
      onChanged();
    });
  return (
    <SpaceBetween size="s">
      <ErrorBox error={error} />
      <LoadedTable
        title={texts.versions}
        loaded={versions}
        trackBy="id"
        description={own ? texts.versionsText : undefined}
        columnDefinitions={[
          { id: "id", header: texts.version, cell: (one) => one.id, isRowHeader: true },
          { id: "default", header: texts.defaultVersion, cell: (one) => (one.isDefault ? common.yes : common.none) },
          { id: "created", header: texts.created, cell: (one) => isoWhen(one.created) },
          {
            id: "actions",
            header: common.actions,
            cell: (one) => (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="inline-link" ariaLabel={`${texts.showVersion} ${one.id}`} onClick={() => onShow(one.id)}>
                  {texts.showVersion}
                </Button>
                {own && !one.isDefault ? (
                  <Button
                    variant="inline-link"
                    ariaLabel={`${texts.setDefault}: ${one.id}`}
                    onClick={() => void act("SetDefaultPolicyVersion", one.id)}
                  >
                    {texts.setDefault}
                  </Button>
                ) : null}
                {own && !one.isDefault ? (
                  <Button
                    variant="inline-link"
                    ariaLabel={`${texts.deleteVersion} ${one.id}`}
                    onClick={() => void act("DeletePolicyVersion", one.id)}
                  >
                    {texts.deleteVersion}
                  </Button>
                ) : null}
              </SpaceBetween>
            ),
          },
        ]}
        empty={common.none}
      />
    </SpaceBetween>
  );
}

function AttachedTo({ arn }: { arn: string }) {
  const iam = useIam();
  const url = useUrl();
  const found = useLoad(() => iam.entitiesOf(arn), [iam, arn]);
  return (
    <LoadedTable
      title={texts.attachedTo}
      loaded={found}
      trackBy={(one) => `${one.kind}/${one.name}`}
      columnDefinitions={[
        {
          id: "name",
          header: texts.name,
          isRowHeader: true,
          cell: (one) => (
            <Link href={url(["principals", LISTS[one.kind], one.name])} onFollow={follow}>
              {one.name}
            </Link>
          ),
        },
        { id: "kind", header: texts.kind, cell: (one) => one.kind },
      ]}
      empty={texts.attachedToNothing}
    />
  );
}

interface EditProps {
  arn: string;
  before: string;
  onClose: () => void;
  onDone: () => void;
}

function EditPolicy({ arn, before, onClose, onDone }: EditProps) {
  const iam = useIam();
  const [text, setText] = useState(before);
  return (
    <Dialog
      title={texts.editPolicy}
      submit={common.save}
      size="large"
      ready={isJson(text) && text !== before}
      dirty={text !== before}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        await iam.call("CreatePolicyVersion", { PolicyArn: arn, PolicyDocument: text, SetAsDefault: "true" });
        notify("success", texts.saved);
      }}
    >
      <Box>{texts.editPolicyText}</Box>
      <DocumentEditor label={texts.document} text={text} onChange={setText} />
    </Dialog>
  );
}
