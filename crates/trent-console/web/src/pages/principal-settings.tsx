// What a user or role has besides policies: boundary, trust policy, tags.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { useIam } from "../app/api";
import { useAction, useLoad } from "../app/load";
import { notify } from "../app/notices";
import { follow, useUrl } from "../app/router";
import { type Details, members, named } from "../aws/iam";
import type { Tag } from "../aws/model";
import { Dialog } from "../parts/dialog";
import { DocumentEditor, isJson } from "../parts/document-editor";
import { ErrorBox } from "../parts/errors";
import { pretty } from "../parts/format";
import { LoadedTable } from "../parts/found-list";
import { nameOfArn } from "../parts/principal-picker";
import { goodTags, TagsEditor } from "../parts/tags-editor";
import { common, detailTexts, principalTexts as texts } from "../texts";
import { DescriptionField } from "./principal-create";
import { ChoosePolicy } from "./principal-policies";
import { tagChanges } from "./tag-changes";

interface BoundaryProps {
  kind: "User" | "Role";
  name: string;
  boundary: string;
  reload: () => void;
}

export function Boundary({ kind, name, boundary, reload }: BoundaryProps) {
  const iam = useIam();
  const url = useUrl();
  const [choosing, setChoosing] = useState(false);
  const { running, error, run } = useAction();
  const remove = () =>
    run(async () => {
      await iam.call(`Delete${kind}PermissionsBoundary`, named(kind, name));
      reload();
    });
  return (
    <Container
      header={
        <Header
          description={texts.boundaryText}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {boundary ? (
                <Button loading={running} onClick={() => void remove()}>
                  {texts.removeBoundary}
                </Button>
              ) : null}
              <Button onClick={() => setChoosing(true)}>{boundary ? texts.changeBoundary : texts.setBoundary}</Button>
            </SpaceBetween>
          }
        >
          {texts.boundary}
        </Header>
      }
    >
      <ErrorBox error={error} />
      {boundary ? (
        <Link href={url(["principals", "policies", boundary])} onFollow={follow}>
          {nameOfArn(boundary)}
        </Link>
      ) : (
        <Box>{texts.noBoundary}</Box>
      )}
      {choosing ? (
        <ChoosePolicy
          title={boundary ? texts.changeBoundary : texts.setBoundary}
          onClose={() => setChoosing(false)}
          onDone={reload}
          onChoose={(arn) => iam.call(`Put${kind}PermissionsBoundary`, { ...named(kind, name), PermissionsBoundary: arn })}
        />
      ) : null}
    </Container>
  );
}

export function TrustPolicy({ role, trust, reload }: { role: string; trust: string; reload: () => void }) {
  const iam = useIam();
  const before = pretty(trust);
  const [text, setText] = useState<string>();
  return (
    <Container header={<Header actions={<Button onClick={() => setText(before)}>{texts.editTrust}</Button>}>{texts.trust}</Header>}>
      <pre className="trent-code">{before}</pre>
      {text === undefined ? null : (
        <Dialog
          title={texts.editTrust}
          submit={common.save}
          size="large"
          ready={isJson(text)}
          dirty={text !== before}
          onClose={() => setText(undefined)}
          onDone={reload}
          onSubmit={async () => {
            await iam.call("UpdateAssumeRolePolicy", { RoleName: role, PolicyDocument: text });
            notify("success", texts.saved);
          }}
        >
          <DocumentEditor label={texts.trust} text={text} onChange={setText} />
        </Dialog>
      )}
    </Container>
  );
}

const HOUR_S = 3600;
const SESSION_HOURS = [1, 2, 4, 8, 12];

interface RoleProps {
  role: Details;
  onClose: () => void;
  onDone: () => void;
}

export function EditRole({ role, onClose, onDone }: RoleProps) {
  const iam = useIam();
  const [description, setDescription] = useState(role.description);
  const [seconds, setSeconds] = useState(role.maxSessionS);
  const options = [...new Set([...SESSION_HOURS.map((hours) => hours * HOUR_S), role.maxSessionS])]
    .toSorted((a, b) => a - b)
    .map((value) => ({ value: String(value), label: texts.sessionHours(value / HOUR_S) }));
  return (
    <Dialog
      title={`${texts.editRole} ${role.name}`}
      submit={common.save}
      dirty={description !== role.description || seconds !== role.maxSessionS}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        await iam.call("UpdateRole", { RoleName: role.name, Description: description, MaxSessionDuration: String(seconds) });
        notify("success", texts.saved);
      }}
    >
      <DescriptionField text={description} onChange={setDescription} />
      <FormField label={texts.maxSession}>
        <Select
          selectedOption={options.find((one) => one.value === String(seconds)) ?? null}
          options={options}
          onChange={({ detail }) => setSeconds(Number(detail.selectedOption.value))}
        />
      </FormField>
    </Dialog>
  );
}

interface TagsProps {
  kind: "User" | "Role" | "Policy";
  /** Of a policy its ARN. */
  name: string;
  readOnly?: boolean;
}

export function EntityTags({ kind, name, readOnly }: TagsProps) {
  const iam = useIam();
  const tags = useLoad(() => iam.tags(kind, name), [iam, kind, name]);
  const [edited, setEdited] = useState<Tag[]>();
  const before = tags.data ?? [];
  return (
    <>
      <LoadedTable
        title={texts.tags}
        loaded={tags}
        trackBy="TagKey"
        description={texts.tagsNote}
        actions={
          readOnly ? undefined : (
            <Button disabled={!tags.data} onClick={() => setEdited(before)}>
              {detailTexts.tags.edit}
            </Button>
          )
        }
        columnDefinitions={[
          { id: "key", header: detailTexts.tags.key, cell: (one) => one.TagKey, isRowHeader: true },
          { id: "value", header: detailTexts.tags.value, cell: (one) => one.TagValue || common.none },
        ]}
        empty={detailTexts.tags.empty}
      />
      {edited ? (
        <Dialog
          title={detailTexts.tags.edit}
          submit={common.save}
          size="large"
          ready={goodTags(edited)}
          dirty={edited !== before}
          onClose={() => setEdited(undefined)}
          onDone={tags.reload}
          onSubmit={async () => {
            const { gone, news } = tagChanges(before, before, edited);
            const items = news.map((tag) => ({ Key: tag.TagKey, Value: tag.TagValue }));
            if (gone.length > 0) await iam.call(`Untag${kind}`, { ...named(kind, name), ...members("TagKeys", gone) });
            if (news.length > 0) await iam.call(`Tag${kind}`, { ...named(kind, name), ...members("Tags", items) });
            notify("success", detailTexts.tags.saved);
          }}
        >
          <TagsEditor tags={edited} onChange={setEdited} tried />
        </Dialog>
      ) : null}
    </>
  );
}
