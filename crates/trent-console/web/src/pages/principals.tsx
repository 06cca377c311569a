import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";

import { useIam } from "../app/api";
import { useLoad } from "../app/load";
import { follow, useQueryValue, useUrl } from "../app/router";
import { useSession } from "../app/session";
import { useTitle } from "../app/shell";
import type { Kind } from "../aws/iam";
import { Copyable } from "../parts/copy";
import { isoWhen } from "../parts/format";
import { LoadedTable, useFound } from "../parts/found-list";
import { common, principalTexts as texts } from "../texts";
import { CreateEntity, CreatePolicy, LISTS } from "./principal-create";

const TITLES = { User: texts.users, Role: texts.roles, Group: texts.groups, Policy: texts.policies };
const KINDS = ["User", "Role", "Group", "Policy"] as const;

/** Users, roles, groups and policies of the account. */
export default function Principals() {
  useTitle(texts.title);
  const [tab, setTab] = useQueryValue("tab", "users");
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={texts.description}>
        {texts.title}
      </Header>
      <Tabs
        activeTabId={tab}
        onChange={({ detail }) => setTab(detail.activeTabId)}
        tabs={[
          ...KINDS.map((kind) => ({ id: LISTS[kind], label: TITLES[kind], content: <Entities kind={kind} /> })),
          { id: "account", label: texts.accountTab, content: <Account /> },
        ]}
      />
    </SpaceBetween>
  );
}

const PAGE = 20;

function Entities({ kind }: { kind: Kind | "Policy" }) {
  const iam = useIam();
  const url = useUrl();
  const [creating, setCreating] = useState(false);
  const entities = useLoad(
    () => ({ User: iam.users, Role: iam.roles, Group: iam.groups, Policy: () => iam.policies("All") })[kind](),
    [iam, kind],
  );
  const { shown, searching, filter, pagination } = useFound(entities.data ?? [], (one) => one.name, texts.find, PAGE);
  const close = (): void => setCreating(false);
  return (
    <>
      <LoadedTable
        title={TITLES[kind]}
        loaded={entities}
        items={shown}
        trackBy="arn"
        filter={filter}
        pagination={pagination}
        actions={<Button onClick={() => setCreating(true)}>{texts.create[kind]}</Button>}
        columnDefinitions={[
          {
            id: "name",
            header: texts.name,
            isRowHeader: true,
            cell: (one) => (
              <Link href={url(["principals", LISTS[kind], kind === "Policy" ? one.arn : one.name])} onFollow={follow}>
                {one.name}
              </Link>
            ),
          },
          { id: "path", header: texts.path, cell: (one) => one.path },
          { id: "arn", header: texts.arn, cell: (one) => <Copyable text={one.arn} label={texts.arn} /> },
          { id: "created", header: texts.created, cell: (one) => isoWhen(one.created) },
        ]}
        empty={searching ? common.nothingMatches : texts.empty(TITLES[kind])}
      />
      {!creating ? null : kind === "Policy" ? <CreatePolicy onClose={close} /> : <CreateEntity kind={kind} onClose={close} />}
    </>
  );
}

function Account() {
  const iam = useIam();
  const session = useSession();
  const summary = useLoad(async () => {
    const map = (await iam.call("GetAccountSummary")).child("SummaryMap");
    return (map?.children ?? []).map((entry) => ({ name: entry.value("key"), value: entry.value("value") }));
  }, [iam]);
  return (
    <SpaceBetween size="m">
      <Container header={<Header>{texts.caller}</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: texts.accountId, value: <Copyable text={session.account} label={texts.accountId} /> },
            { label: texts.arn, value: <Copyable text={session.arn} label={texts.arn} /> },
          ]}
        />
      </Container>
      <LoadedTable
        title={texts.summary}
        loaded={summary}
        trackBy="name"
        columnDefinitions={[
          { id: "name", header: texts.name, cell: (one) => one.name, isRowHeader: true },
          { id: "value", header: texts.summary, cell: (one) => one.value },
        ]}
        empty={common.none}
      />
    </SpaceBetween>
  );
}
