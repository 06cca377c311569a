import Button from "@cloudscape-design/components/button";
import { useState } from "react";

import { useApi } from "../../app/api";
import { useLoad } from "../../app/load";
import { LoadedTable } from "../../parts/found-list";
import { common, detailTexts } from "../../texts";
import type { TabProps } from "../key";
import { TagsDialog } from "../key-tags";

const texts = detailTexts.tags;

export function TagsTab({ meta }: TabProps) {
  const api = useApi();
  const tags = useLoad((signal) => api.tags(meta.KeyId, signal), [api, meta]);
  const [editing, setEditing] = useState(false);
  return (
    <>
      <LoadedTable
        title={detailTexts.tabs.tags}
        loaded={tags}
        keyId={meta.KeyId}
        trackBy="TagKey"
        description={texts.note}
        actions={
          <Button disabled={!tags.data} onClick={() => setEditing(true)}>
            {texts.edit}
          </Button>
        }
        columnDefinitions={[
          { id: "key", header: texts.key, cell: (one) => one.TagKey, isRowHeader: true },
          { id: "value", header: texts.value, cell: (one) => one.TagValue || common.none },
        ]}
        empty={texts.empty}
      />
      {editing ? (
        <TagsDialog
          rows={[{ id: meta.KeyId, arn: meta.Arn, aliases: [], meta }]}
          onClose={() => setEditing(false)}
          onDone={tags.reload}
        />
      ) : null}
    </>
  );
}
