// The table of keys, of both lists.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import PropertyFilter, { type PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { type ReactNode, useEffect, useMemo, useState } from "react";

import { usePreference } from "../app/preferences";
import { follow, useQueryValue, useUrl } from "../app/router";
import { ErrorBox } from "../parts/errors";
import { when } from "../parts/format";
import { KeyStateView } from "../parts/key-state";
import { common, keyTexts as texts, stateTexts, usageTexts } from "../texts";
import { filterRows, type KeyRow, nameOf, needs, regionalityOf, sortRows, typeOf } from "./key-filter";
import { useKeyRows } from "./key-rows";

interface Looks {
  pageSize: number;
  wrap: boolean;
  columns: string[];
}

type Column = TableProps.ColumnDefinition<KeyRow> & { id: string };

function columns(href: (row: KeyRow, tab?: string) => string): Column[] {
  const shown = (cell: (row: KeyRow & { meta: NonNullable<KeyRow["meta"]> }) => ReactNode) =>
    function Cell(row: KeyRow) {
      if (row.meta) return cell({ ...row, meta: row.meta });
      return row.error ? common.none : "…";
    };
  const names = texts.columns;
  return [
    {
      id: "alias",
      header: names.alias,
      sortingField: "alias",
      isRowHeader: true,
      cell: (row) => {
        const [first] = row.aliases;
        if (first === undefined) return texts.noAlias;
        const more = row.aliases.length - 1;
        const text = more > 0 ? texts.more(first, more) : first;
        return (
          <Link href={href(row, more > 0 ? "aliases" : undefined)} onFollow={follow}>
            {text}
          </Link>
        );
      },
    },
    {
      id: "id",
      header: names.id,
      sortingField: "id",
      cell: (row) => (
        <Link href={href(row)} onFollow={follow}>
          {row.id}
        </Link>
      ),
    },
    {
      id: "status",
      header: names.status,
      cell: (row) => {
        if (row.meta) return <KeyStateView state={row.meta.KeyState} />;
        return row.error ? <StatusIndicator type="error">{row.error.code}</StatusIndicator> : "…";
      },
    },
    { id: "type", header: names.type, sortingField: "type", cell: shown((row) => typeOf(row.meta)) },
    { id: "spec", header: names.spec, cell: shown((row) => row.meta.KeySpec) },
    { id: "usage", header: names.usage, cell: shown((row) => usageTexts[row.meta.KeyUsage]) },
    { id: "created", header: names.created, cell: shown((row) => when(row.meta.CreationDate)) },
    { id: "origin", header: names.origin, cell: shown((row) => texts.origins[row.meta.Origin]) },
    { id: "regionality", header: names.regionality, cell: shown((row) => regionalityOf(row.meta)) },
    { id: "description", header: names.description, cell: shown((row) => row.meta.Description || common.none) },
    { id: "expires", header: names.expires, cell: shown((row) => when(row.meta.ValidTo)) },
  ];
}

const OPERATORS: PropertyFilterProps.ComparisonOperator[] = ["=", "!=", ":", "!:"];

const filteringProperties = (["alias", "id", "status", "type", "spec", "usage", "origin", "regionality"] as const)
  .map((key) => ({ key, propertyLabel: texts.columns[key], groupValuesLabel: texts.columns[key], operators: OPERATORS }))
  .concat([{ key: "tag" as never, propertyLabel: texts.columns.tags, groupValuesLabel: texts.columns.tags, operators: OPERATORS }]);

const filteringOptions = [
  ...Object.values(stateTexts).map((value) => ({ propertyKey: "status", value })),
  ...[texts.symmetric, texts.asymmetric].map((value) => ({ propertyKey: "type", value })),
  ...Object.values(usageTexts).map((value) => ({ propertyKey: "usage", value })),
  ...Object.values(texts.origins).map((value) => ({ propertyKey: "origin", value })),
  ...[texts.single, texts.primary, texts.replica].map((value) => ({ propertyKey: "regionality", value })),
];

function parseFilter(text: string): PropertyFilterProps.Query {
  try {
    const [operation, ...tokens] = JSON.parse(text) as [string, ...[string, string, string][]];
    return {
      operation: operation === "or" ? "or" : "and",
      tokens: tokens.map(([property, operator, value]) => ({ propertyKey: property || undefined, operator, value })),
    };
  } catch {
    return { operation: "and", tokens: [] };
  }
}

const filterText = ({ operation, tokens }: PropertyFilterProps.Query): string =>
  tokens.length === 0
    ? ""
    : JSON.stringify([operation, ...tokens.map((one) => [one.propertyKey ?? "", one.operator, String(one.value)])]);

interface Props {
  manager: "AWS" | "CUSTOMER";
  /** The page of one key is below this. */
  section: string;
  title: string;
  description: string;
  empty: ReactNode;
  initialColumns: string[];
  actions?: (selected: KeyRow[], reload: () => void) => ReactNode;
}

export function KeyTable({ manager, section, title, description, empty, initialColumns, actions }: Props) {
  const url = useUrl();
  const { data, rows, loading, error, reload, ensure, progress } = useKeyRows(manager);
  const [looks, setLooks] = usePreference<Looks>(`${section}.looks`, { pageSize: 20, wrap: false, columns: initialColumns });
  const [filter, setFilter] = useQueryValue("filter");
  const query = useMemo(() => parseFilter(filter), [filter]);
  const [sorting, setSorting] = useState({ column: "alias", descending: false });
  const [page, setPage] = useState(1);
  const [selected, setSelected] = useState<KeyRow[]>([]);

  const definitions = useMemo(() => columns((row, tab) => url([section, row.id], { tab })), [url, section]);
  // Details come in many parts. An order that does not need them is not made anew for each.
  const ordered = sorting.column === "alias" || sorting.column === "id" ? data : rows;
  const order = useMemo(
    () => sortRows(ordered ?? [], sorting.column, sorting.descending).map((row) => row.id),
    [ordered, sorting],
  );
  const found = useMemo(() => {
    const byId = new Map(rows.map((row) => [row.id, row]));
    return filterRows(
      order.flatMap((id) => byId.get(id) ?? []),
      query.tokens,
      query.operation,
    );
  }, [rows, order, query]);
  const pages = Math.max(1, Math.ceil(found.length / looks.pageSize));
  const current = Math.min(page, pages);
  const shown = found.slice((current - 1) * looks.pageSize, current * looks.pageSize);
  const shownIds = shown.map((row) => row.id).join(" ");

  useEffect(() => {
    // A list that was loaded anew has no details yet, although it shows the same keys.
    if (data && shownIds !== "") void ensure(shownIds.split(" "), "meta");
  }, [data, shownIds, ensure]);
  useEffect(() => {
    const wanted = needs([...query.tokens]);
    const ids = rows.map((row) => row.id);
    if (wanted.meta || sorting.column === "type") void ensure(ids, "meta");
    if (wanted.tags) void ensure(ids, "tags");
  }, [query, sorting, rows, ensure]);

  const still = selected.flatMap((one) => rows.filter((row) => row.id === one.id));
  const refresh = (): void => {
    setSelected([]);
    reload();
  };
  return (
    <SpaceBetween size="m">
      <ErrorBox error={error} retry={reload} />
      {progress ? (
        <ProgressBar value={(progress.done / progress.all) * 100} label={texts.detailsProgress(progress.done, progress.all)} />
      ) : null}
      <Table
        variant="full-page"
        stickyHeader
        items={shown}
        loading={loading && rows.length === 0}
        loadingText={common.loading}
        trackBy="id"
        wrapLines={looks.wrap}
        columnDefinitions={definitions}
        columnDisplay={definitions.map(({ id }) => ({ id, visible: looks.columns.includes(id) }))}
        sortingColumn={{ sortingField: sorting.column }}
        sortingDescending={sorting.descending}
        onSortingChange={({ detail }) =>
          setSorting({ column: detail.sortingColumn.sortingField ?? "alias", descending: detail.isDescending ?? false })
        }
        selectionType={actions ? "multi" : undefined}
        selectedItems={still}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        ariaLabels={{
          tableLabel: title,
          allItemsSelectionLabel: () => texts.selectAll,
          itemSelectionLabel: (_, row) => texts.select(nameOf(row)),
        }}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={!data ? undefined : still.length > 0 ? `(${still.length}/${rows.length})` : `(${rows.length})`}
            description={description}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel={common.refresh} onClick={refresh} />
                {actions?.(still, refresh)}
              </SpaceBetween>
            }
          >
            {title}
          </Header>
        }
        filter={
          <PropertyFilter
            query={query}
            onChange={({ detail }) => {
              setPage(1);
              setFilter(filterText(detail));
            }}
            filteringProperties={filteringProperties}
            filteringOptions={filteringOptions}
            filteringPlaceholder={texts.filterPlaceholder}
            filteringAriaLabel={texts.filterPlaceholder}
            countText={query.tokens.length > 0 ? common.matches(found.length) : undefined}
            expandToViewport
          />
        }
        pagination={
          <Pagination currentPageIndex={current} pagesCount={pages} onChange={({ detail }) => setPage(detail.currentPageIndex)} />
        }
        preferences={
          <CollectionPreferences
            title={texts.preferences.title}
            confirmLabel={common.confirm}
            cancelLabel={common.cancel}
            preferences={{ pageSize: looks.pageSize, wrapLines: looks.wrap, visibleContent: looks.columns }}
            pageSizePreference={{
              title: texts.preferences.pageSize,
              options: [10, 20, 50, 100].map((value) => ({ value, label: texts.preferences.keys(value) })),
            }}
            wrapLinesPreference={{ label: texts.preferences.wrap }}
            visibleContentPreference={{
              title: texts.preferences.columns,
              options: [
                {
                  label: texts.preferences.shown,
                  options: definitions.map(({ id, header }) => ({ id, label: String(header), editable: id !== "id" })),
                },
              ],
            }}
            onConfirm={({ detail }) => {
              setPage(1);
              setLooks({
                pageSize: detail.pageSize ?? looks.pageSize,
                wrap: detail.wrapLines ?? false,
                columns: [...(detail.visibleContent ?? looks.columns)],
              });
            }}
          />
        }
        empty={
          query.tokens.length > 0 ? (
            <Box textAlign="center">
              <SpaceBetween size="m">
                <b>{common.nothingMatches}</b>
                <Button onClick={() => setFilter("")}>{common.clearFilters}</Button>
              </SpaceBetween>
            </Box>
          ) : error ? undefined : (
            empty
          )
        }
      />
    </SpaceBetween>
  );
}
