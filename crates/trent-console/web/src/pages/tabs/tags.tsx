import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useApi } from "../../app/api";
import { useLoad } from "../../app/load";
import { notify } from "../../app/notices";
import { useGuard } from "../../app/router";
import type { Tag } from "../../aws/model";
import { Dialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { goodTags, TagsEditor } from "../../parts/tags-editor";
import { common, detailTexts } from "../../texts";
import type { TabProps } from "../key";

const texts = detailTexts.tags;

export function TagsTab({ meta }: TabProps) {
  const api = useApi();
  const tags = useLoad((signal) => api.tags(meta.KeyId, signal), [api, meta]);
  const [editing, setEditing] = useState(false);
  return (
    <SpaceBetween size="m">
      <ErrorBox error={tags.error} retry={tags.reload} keyId={meta.KeyId} />
      <Table
        items={tags.data ?? []}
        loading={tags.loading && !tags.data}
        loadingText={common.loading}
        trackBy="TagKey"
        ariaLabels={{ tableLabel: detailTexts.tabs.tags }}
        columnDefinitions={[
          { id: "key", header: texts.key, cell: (one) => one.TagKey, isRowHeader: true },
          { id: "value", header: texts.value, cell: (one) => one.TagValue || common.none },
        ]}
        header={
          <Header
            counter={`(${tags.data?.length ?? 0})`}
            description={texts.note}
            actions={
              <Button disabled={!tags.data} onClick={() => setEditing(true)}>
                {texts.edit}
              </Button>
            }
          >
            {detailTexts.tabs.tags}
          </Header>
        }
        empty={<Box textAlign="center">{texts.empty}</Box>}
      />
      {editing && tags.data ? (
        <EditTags keyId={meta.KeyId} before={tags.data} onClose={() => setEditing(false)} onDone={tags.reload} />
      ) : null}
    </SpaceBetween>
  );
}

interface EditProps {
  keyId: string;
  before: Tag[];
  onClose: () => void;
  onDone: () => void;
}

function EditTags({ keyId, before, onClose, onDone }: EditProps) {
  const api = useApi();
  const [tags, setTags] = useState(before);
  useGuard(tags !== before);
  return (
    <Dialog
      title={texts.edit}
      submit={common.save}
      size="large"
      keyId={keyId}
      ready={goodTags(tags)}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        const wanted = tags.map((tag) => ({ TagKey: tag.TagKey.trim(), TagValue: tag.TagValue }));
        const gone = before.filter((old) => !wanted.some((tag) => tag.TagKey === old.TagKey)).map((old) => old.TagKey);
        const news = wanted.filter(
          (tag) => !before.some((old) => old.TagKey === tag.TagKey && old.TagValue === tag.TagValue),
        );
        if (gone.length > 0) await api.kms("UntagResource", { KeyId: keyId, TagKeys: gone });
        if (news.length > 0) await api.kms("TagResource", { KeyId: keyId, Tags: news });
        notify("success", texts.saved);
      }}
    >
      <TagsEditor tags={tags} onChange={setTags} tried />
    </Dialog>
  );
}
