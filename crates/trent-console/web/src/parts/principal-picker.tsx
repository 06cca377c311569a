import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";

import { useIam } from "../app/api";
import { type Loaded, useLoad } from "../app/load";
import type { Entity } from "../aws/iam";
import { common, createTexts } from "../texts";
import { ErrorBox } from "./errors";
import { useFound } from "./found-list";

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
  const all = principals.data ?? [];
  const { shown, searching, filter, pagination } = useFound(all, (one) => one.name, texts.find, PAGE);
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
      items={shown}
      loading={principals.loading}
      loadingText={common.loading}
      trackBy="arn"
      selectionType="multi"
      selectedItems={all.filter((one) => selected.includes(one.arn))}
      onSelectionChange={({ detail }) => {
        const chosen = detail.selectedItems.map((one) => one.arn);
        // Who is chosen and not on this page stays chosen.
        const elsewhere = selected.filter((arn) => !chosen.includes(arn) && !shown.some((one) => one.arn === arn));
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
      filter={filter}
      pagination={pagination}
      empty={
        <Box textAlign="center">
          <b>{texts.empty}</b>
          <Box>{searching ? common.nothingMatches : texts.emptyText}</Box>
        </Box>
      }
    />
  );
}

/** The short name of an ARN. */
export const nameOfArn = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
