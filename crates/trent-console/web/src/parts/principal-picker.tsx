import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useState } from "react";

import { useIam } from "../app/api";
import { type Loaded, useLoad } from "../app/load";
import type { Entity } from "../aws/iam";
import { common, createTexts } from "../texts";
import { ErrorBox } from "./errors";

const texts = createTexts.principals;
const PAGE = 10;

export interface Principal extends Entity {
  type: string;
}

/** The users and roles of the account. */
export function usePrincipals(): Loaded<Principal[]> {
  const iam = useIam();
  return useLoad(async () => {
    const [users, roles] = await Promise.all([iam.users(), iam.roles()]);
    const all = [
      ...users.map((one) => ({ ...one, type: texts.user })),
      ...roles.map((one) => ({ ...one, type: texts.role })),
    ];
    return all.toSorted((a, b) => a.name.localeCompare(b.name));
  }, [iam]);
}

interface Props {
  title: string;
  principals: Loaded<Principal[]>;
  /** ARNs. */
  selected: string[];
  onChange: (arns: string[]) => void;
}

/** Users and roles with a box each. */
export function PrincipalPicker({ title, principals, selected, onChange }: Props) {
  const [filter, setFilter] = useState("");
  const [page, setPage] = useState(1);
  const all = principals.data ?? [];
  const found = all.filter((one) => one.name.toLowerCase().includes(filter.toLowerCase()));
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  const current = Math.min(page, pages);
  if (principals.error) {
    return (
      <SpaceBetween size="s">
        <Alert type="info">{texts.denied}</Alert>
        <ErrorBox error={principals.error} retry={principals.reload} />
      </SpaceBetween>
    );
  }
  return (
    <Table
      variant="embedded"
      items={found.slice((current - 1) * PAGE, current * PAGE)}
      loading={principals.loading}
      loadingText={common.loading}
      trackBy="arn"
      selectionType="multi"
      selectedItems={all.filter((one) => selected.includes(one.arn))}
      onSelectionChange={({ detail }) => {
        const chosen = detail.selectedItems.map((one) => one.arn);
        // Who is chosen and not on this page stays chosen.
        const elsewhere = selected.filter((arn) => !chosen.includes(arn) && !found.slice((current - 1) * PAGE, current * PAGE).some((one) => one.arn === arn));
        onChange([...new Set([...elsewhere, ...chosen])]);
      }}
      ariaLabels={{
        tableLabel: title,
        allItemsSelectionLabel: () => texts.selectAll,
        itemSelectionLabel: (_, one) => texts.select(one.name),
      }}
      columnDefinitions={[
        { id: "name", header: texts.name, cell: (one) => one.name, isRowHeader: true },
        { id: "path", header: texts.path, cell: (one) => one.path },
        { id: "type", header: texts.type, cell: (one) => one.type },
      ]}
      filter={
        all.length > PAGE ? (
          <TextFilter
            filteringText={filter}
            filteringPlaceholder={texts.find}
            filteringAriaLabel={texts.find}
            countText={filter ? common.matches(found.length) : undefined}
            onChange={({ detail }) => {
              setPage(1);
              setFilter(detail.filteringText);
            }}
          />
        ) : undefined
      }
      pagination={
        pages > 1 ? <Pagination currentPageIndex={current} pagesCount={pages} onChange={({ detail }) => setPage(detail.currentPageIndex)} /> : undefined
      }
      empty={
        <Box textAlign="center">
          <b>{texts.empty}</b>
          <Box>{filter ? common.nothingMatches : texts.emptyText}</Box>
        </Box>
      }
    />
  );
}

/** The short name of an ARN. */
export const nameOfArn = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
