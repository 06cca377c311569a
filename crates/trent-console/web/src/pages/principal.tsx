// One user, role, group or managed policy.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { useIam } from "../app/api";
import { useLoad } from "../app/load";
import { follow, useUrl } from "../app/router";
import { useTitle } from "../app/shell";
import type { Kind } from "../aws/iam";
import { Copyable } from "../parts/copy";
import { isoWhen } from "../parts/format";
import { PageState } from "../parts/page-state";
import { nameOfArn } from "../parts/principal-picker";
import { common, principalTexts as texts } from "../texts";
import { PolicyPage } from "./managed-policy";
import { DeleteDialog } from "./principal-delete";
import { Memberships } from "./principal-groups";
import { AccessKeys } from "./principal-keys";
import { AttachedPolicies, InlinePolicies } from "./principal-policies";
import { Boundary, EditRole, EntityTags, TrustPolicy } from "./principal-settings";

const KINDS: Record<string, Kind> = { users: "User", roles: "Role", groups: "Group" };

export default function Principal({ kind, name }: { kind: string; name: string }) {
  useTitle(nameOfArn(name));
  const known = KINDS[kind];
  if (known) return <EntityPage kind={known} name={name} />;
  return kind === "policies" ? <PolicyPage arn={name} /> : <Header variant="h1">{common.notFound}</Header>;
}

const HOUR_S = 3600;

function EntityPage({ kind, name }: { kind: Kind; name: string }) {
  const iam = useIam();
  const url = useUrl();
  const entity = useLoad(() => iam.one(kind, name), [iam, kind, name]);
  const [open, setOpen] = useState<"delete" | "edit">();
  if (!entity.data) return <PageState title={name} loaded={entity} />;
  const { arn, path, created, boundary, trust, description, maxSessionS } = entity.data;
  const close = (): void => setOpen(undefined);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {kind === "Group" ? null : (
              <Button href={url(["audit"], { Username: name })} onFollow={follow}>
                {texts.audit}
              </Button>
            )}
            {kind === "Role" ? <Button onClick={() => setOpen("edit")}>{texts.editRole}</Button> : null}
            <Button onClick={() => setOpen("delete")}>{texts.deletes[kind]}</Button>
          </SpaceBetween>
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
            ...(kind === "Role" ? [{ label: texts.maxSession, value: texts.sessionHours(maxSessionS / HOUR_S) }] : []),
            ...(description ? [{ label: texts.entityDescription, value: description }] : []),
          ]}
        />
      </Container>
      {kind === "User" ? <AccessKeys user={name} /> : null}
      <AttachedPolicies kind={kind} name={name} />
      <InlinePolicies kind={kind} name={name} />
      {kind === "Role" ? null : <Memberships kind={kind} name={name} />}
      {trust ? <TrustPolicy role={name} trust={trust} reload={entity.reload} /> : null}
      {kind === "Group" ? null : (
        <SpaceBetween size="l">
          <Boundary kind={kind} name={name} boundary={boundary} reload={entity.reload} />
          <EntityTags kind={kind} name={name} />
        </SpaceBetween>
      )}
      {open === "edit" ? <EditRole role={entity.data} onClose={close} onDone={entity.reload} /> : null}
      {open === "delete" ? <DeleteDialog kind={kind} name={name} onDelete={() => iam.remove(kind, name)} onClose={close} /> : null}
    </SpaceBetween>
  );
}
