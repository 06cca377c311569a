// One user, role, group or managed policy.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useIam } from "../app/api";
import { useAction, useLoad } from "../app/load";
import { follow, useUrl } from "../app/router";
import { useTitle } from "../app/shell";
import type { AccessKey, Kind } from "../aws/iam";
import { Copyable } from "../parts/copy";
import { Dialog } from "../parts/dialog";
import { ErrorBox } from "../parts/errors";
import { isoWhen, pretty } from "../parts/format";
import { PageState } from "../parts/page-state";
import { common, principalTexts as texts } from "../texts";
import { AttachedPolicies, InlinePolicies } from "./principal-policies";

const KINDS: Record<string, Kind> = { users: "User", roles: "Role", groups: "Group" };

export default function Principal({ kind, name }: { kind: string; name: string }) {
  useTitle(name);
  const known = KINDS[kind];
  if (known) return <EntityPage kind={known} name={name} />;
  return kind === "policies" ? <PolicyPage arn={name} /> : <Box>{common.notFound}</Box>;
}

function EntityPage({ kind, name }: { kind: Kind; name: string }) {
  const iam = useIam();
  const url = useUrl();
  const entity = useLoad(() => iam.one(kind, name), [iam, kind, name]);
  if (entity.error || !entity.data) return <PageState title={name} loaded={entity} />;
  const { arn, path, created, boundary, trust, description } = entity.data;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <Link href={url(["audit"], { Username: name })} onFollow={follow}>
            {texts.audit}
          </Link>
        }
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
            ...(boundary ? [{ label: texts.boundary, value: boundary }] : []),
            ...(description ? [{ label: texts.entityDescription, value: description }] : []),
          ]}
        />
      </Container>
      {kind === "User" ? <AccessKeys user={name} /> : null}
      <AttachedPolicies kind={kind} name={name} />
      <InlinePolicies kind={kind} name={name} />
      {kind === "Group" ? <Related title={texts.members} kind="users" load={() => iam.membersOf(name)} /> : null}
      {kind === "User" ? <Related title={texts.groupsOf} kind="groups" load={() => iam.groupsOf(name)} /> : null}
      {trust ? (
        <Container header={<Header>{texts.trust}</Header>}>
          <pre className="trent-code">{pretty(trust)}</pre>
        </Container>
      ) : null}
    </SpaceBetween>
  );
}

function Related({ title, kind, load }: { title: string; kind: string; load: () => Promise<{ name: string; arn: string }[]> }) {
  const iam = useIam();
  const url = useUrl();
  const found = useLoad(load, [iam, kind]);
  return (
    <SpaceBetween size="s">
      <ErrorBox error={found.error} retry={found.reload} />
      <Table
        items={found.data ?? []}
        loading={found.loading}
        loadingText={common.loading}
        trackBy="arn"
        ariaLabels={{ tableLabel: title }}
        header={<Header counter={`(${found.data?.length ?? 0})`}>{title}</Header>}
        columnDefinitions={[
          {
            id: "name",
            header: texts.name,
            isRowHeader: true,
            cell: (one) => (
              <Link href={url(["principals", kind, one.name])} onFollow={follow}>
                {one.name}
              </Link>
            ),
          },
          { id: "arn", header: texts.arn, cell: (one) => one.arn },
        ]}
        empty={<Box textAlign="center">{texts.empty(title)}</Box>}
      />
    </SpaceBetween>
  );
}

function AccessKeys({ user }: { user: string }) {
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
      <ErrorBox error={keys.error ?? error} retry={keys.reload} />
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
      <Table
        items={keys.data ?? []}
        loading={keys.loading && !keys.data}
        loadingText={common.loading}
        trackBy="id"
        ariaLabels={{ tableLabel: texts.accessKeys }}
        header={
          <Header
            counter={`(${keys.data?.length ?? 0})`}
            actions={
              <Button loading={running} disabled={(keys.data?.length ?? 2) >= 2} onClick={() => void create()}>
                {texts.createAccessKey}
              </Button>
            }
          >
            {texts.accessKeys}
          </Header>
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
        empty={<Box textAlign="center">{texts.noKeys}</Box>}
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

function PolicyPage({ arn }: { arn: string }) {
  const iam = useIam();
  const document = useLoad(() => iam.managedDocument(arn), [iam, arn]);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{arn.slice(arn.lastIndexOf("/") + 1)}</Header>
      <Container>
        <KeyValuePairs items={[{ label: texts.arn, value: <Copyable text={arn} label={texts.arn} /> }]} />
      </Container>
      <ErrorBox error={document.error} retry={document.reload} />
      <Container header={<Header>{texts.document}</Header>}>
        {document.data === undefined ? <Spinner /> : <pre className="trent-code">{pretty(document.data)}</pre>}
      </Container>
    </SpaceBetween>
  );
}
