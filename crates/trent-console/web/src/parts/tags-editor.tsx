import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";

import type { Tag } from "../aws/model";
import { common, detailTexts } from "../texts";

const texts = detailTexts.tags;
const TAGS_MAX = 50;

function keyError(tags: Tag[], index: number): string | undefined {
  const key = tags[index]?.TagKey.trim() ?? "";
  if (key === "" || key.length > 128) return texts.keyNeeded;
  if (key.toLowerCase().startsWith("aws:")) return texts.keyReserved;
  return tags.findIndex((one) => one.TagKey.trim() === key) < index ? texts.keyTwice : undefined;
}

/** Whether every tag can be saved. */
export const goodTags = (tags: Tag[]): boolean =>
  tags.every((tag, index) => !keyError(tags, index) && tag.TagValue.length <= 256) && tags.length <= TAGS_MAX;

interface Props {
  tags: Tag[];
  onChange: (tags: Tag[]) => void;
  /** Errors are shown once somebody has tried to go on. */
  tried: boolean;
}

export function TagsEditor({ tags, onChange, tried }: Props) {
  const set = (index: number, change: Partial<Tag>): void =>
    onChange(tags.map((tag, at) => (at === index ? { ...tag, ...change } : tag)));
  return (
    <AttributeEditor
      items={tags}
      addButtonText={texts.add}
      removeButtonText={common.remove}
      removeButtonAriaLabel={(tag) => `${common.remove} ${tag.TagKey}`}
      disableAddButton={tags.length >= TAGS_MAX}
      additionalInfo={texts.left(TAGS_MAX - tags.length)}
      empty={texts.empty}
      onAddButtonClick={() => onChange([...tags, { TagKey: "", TagValue: "" }])}
      onRemoveButtonClick={({ detail }) => onChange(tags.filter((_, at) => at !== detail.itemIndex))}
      definition={[
        {
          label: texts.key,
          control: (tag, index) => <Input value={tag.TagKey} onChange={({ detail }) => set(index, { TagKey: detail.value })} />,
          errorText: (_, index) => (tried ? keyError(tags, index) : undefined),
        },
        {
          label: `${texts.value} – ${common.optional}`,
          control: (tag, index) => <Input value={tag.TagValue} onChange={({ detail }) => set(index, { TagValue: detail.value })} />,
          errorText: (tag) => (tag.TagValue.length > 256 ? texts.valueLong : undefined),
        },
      ]}
    />
  );
}
