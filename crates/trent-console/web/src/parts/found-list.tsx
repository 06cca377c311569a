// Lists that are loaded whole, looked through by name and shown in pages.
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { type ReactNode, useState } from "react";

import type { Loaded } from "../app/load";
import { common } from "../texts";
import { ErrorBox } from "./errors";

interface Found<Item> {
  /** Those of the page. */
  shown: Item[];
  searching: boolean;
  filter: ReactNode;
  pagination: ReactNode;
}

/** The items whose name has what is typed in it, so many a page; filter and pages stand there where there are more. */
export function useFound<Item>(items: Item[], name: (item: Item) => string, label: string, perPage: number): Found<Item> {
  const [text, setText] = useState("");
  const [page, setPage] = useState(1);
  const found = text === "" ? items : items.filter((one) => name(one).toLowerCase().includes(text.toLowerCase()));
  const pages = Math.max(1, Math.ceil(found.length / perPage));
  const current = Math.min(page, pages);
  return {
    shown: found.slice((current - 1) * perPage, current * perPage),
    searching: text !== "",
    filter:
      items.length > perPage || text !== "" ? (
        <TextFilter
          filteringText={text}
          filteringPlaceholder={label}
          filteringAriaLabel={label}
          countText={text ? common.matches(found.length) : undefined}
          onChange={({ detail }) => {
            setPage(1);
            setText(detail.filteringText);
          }}
        />
      ) : undefined,
    pagination:
      pages > 1 ? <Pagination currentPageIndex={current} pagesCount={pages} onChange={({ detail }) => setPage(detail.currentPageIndex)} /> : undefined,
  };
}

interface Props<Item> extends Pick<TableProps<Item>, "columnDefinitions" | "trackBy" | "filter" | "pagination" | "variant"> {
  title: string;
  loaded: Loaded<Item[]>;
  /** Those to show, where it is not all. */
  items?: Item[];
  empty: string;
  description?: string;
  actions?: ReactNode;
  /** The key that they belong to, for the explanation of a denial. */
  keyId?: string;
}

/** A table of what has been loaded: how many, while they come, when there are none, and why they cannot be had. */
export function LoadedTable<Item>({ title, loaded, items, empty, description, actions, keyId, ...table }: Props<Item>) {
  return (
    <SpaceBetween size="s">
      <ErrorBox error={loaded.error} retry={loaded.reload} keyId={keyId} />
      <Table
        {...table}
        items={items ?? loaded.data ?? []}
        loading={loaded.loading && !loaded.data}
        loadingText={common.loading}
        ariaLabels={{ tableLabel: title }}
        header={
          <Header counter={loaded.data ? `(${loaded.data.length})` : undefined} description={description} actions={actions}>
            {title}
          </Header>
        }
        empty={loaded.error ? undefined : <Box textAlign="center">{empty}</Box>}
      />
    </SpaceBetween>
  );
}
