// The tags of a key, or those that several have in common.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";

import { useApi } from "../app/api";
import { eachOf, useLoad } from "../app/load";
import { notify } from "../app/notices";
import type { Tag } from "../aws/model";
import { Dialog } from "../parts/dialog";
import { ErrorBox } from "../parts/errors";
import { goodTags, TagsEditor } from "../parts/tags-editor";
import { common, detailTexts, keyTexts } from "../texts";
import { Names, toAll } from "./key-each";
import type { KeyRow } from "./key-filter";
import { commonTags, tagChanges } from "./tag-changes";

const texts = detailTexts.tags;
const WIDTH = 4;

interface Props {
  rows: KeyRow[];
  onClose: () => void;
  onDone: () => void;
}

/** Edits tags: all of one key, or what several have in common. */
export function TagsDialog({ rows, onClose, onDone }: Props) {
  const api = useApi();
  const before = useLoad(
    async (signal) => {
      const found = new Map<string, Tag[]>();
      await eachOf(rows, WIDTH, async (row) => {
        found.set(row.id, await api.tags(row.id, signal));
      });
      return found;
    },
    [api],
  );
  const lists = before.data ? [...before.data.values()] : [];
  const shown = commonTags(lists);
  const [edited, setEdited] = useState<Tag[]>();
  const tags = edited ?? shown;
  const several = rows.length > 1;
  return (
    <Dialog
      title={several ? keyTexts.tags : texts.edit}
      submit={common.save}
      size="large"
      keyId={rows[0]?.id}
      ready={before.data !== undefined && goodTags(tags)}
      dirty={edited !== undefined}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        await toAll(rows, async (row) => {
          const { gone, news } = tagChanges(before.data?.get(row.id) ?? [], shown, tags);
          if (gone.length > 0) await api.kms("UntagResource", { KeyId: row.id, TagKeys: gone });
          if (news.length > 0) await api.kms("TagResource", { KeyId: row.id, Tags: news });
        });
        notify("success", several ? keyTexts.done.tagged(rows.length) : texts.saved);
      }}
    >
      {several ? (
        <SpaceBetween size="m">
          <Box>{keyTexts.tagsDialog.text}</Box>
          <Names rows={rows} />
          {lists.some((list) => list.length > shown.length) ? <Alert type="info">{keyTexts.tagsDialog.others}</Alert> : null}
        </SpaceBetween>
      ) : null}
      {before.data ? (
        <TagsEditor tags={tags} onChange={setEdited} tried />
      ) : before.error ? (
        <ErrorBox error={before.error} retry={before.reload} keyId={rows[0]?.id} />
      ) : (
        <Spinner />
      )}
    </Dialog>
  );
}
