// Tags of one key or of several: what all have, and what must be done to each for what is wanted.
import type { Tag } from "../aws/model";

const same = (one: Tag, other: Tag): boolean => one.TagKey === other.TagKey && one.TagValue === other.TagValue;

/** The tags that every list has, with the same value. */
export function commonTags(lists: Tag[][]): Tag[] {
  const [first = [], ...others] = lists;
  return first.filter((tag) => others.every((list) => list.some((one) => same(one, tag))));
}

export interface TagChanges {
  /** Keys of tags to take away. */
  gone: string[];
  /** Tags to add, or to give another value. */
  news: Tag[];
}

/**
 * What makes `wanted` of the tags that were shown, at a key that has these. What it has besides stays, unless a tag of the
 * same key is wanted.
 */
export function tagChanges(has: Tag[], shown: Tag[], wanted: Tag[]): TagChanges {
  const trimmed = wanted.map((tag) => ({ TagKey: tag.TagKey.trim(), TagValue: tag.TagValue }));
  const kept = (key: string): boolean => trimmed.some((tag) => tag.TagKey === key);
  return {
    gone: shown.filter((tag) => !kept(tag.TagKey) && has.some((one) => one.TagKey === tag.TagKey)).map((tag) => tag.TagKey),
    news: trimmed.filter((tag) => !has.some((one) => same(one, tag))),
  };
}
