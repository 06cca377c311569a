import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import Tabs from "@cloudscape-design/components/tabs";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useState } from "react";

import { useIam } from "../app/api";
import { useLoad } from "../app/load";
import { notify } from "../app/notices";
import { follow, navigate, useQueryValue, useUrl } from "../app/router";
import { useSession } from "../app/session";
import { useTitle } from "../app/shell";
import type { Entity } from "../aws/iam";
import { Copyable } from "../parts/copy";
import { Dialog } from "../parts/dialog";
import { ErrorBox } from "../parts/errors";
import { isoWhen } from "../parts/format";
import { common, principalTexts as texts } from "../texts";

/** Users, roles, groups and policies of the account. */
export default function Principals() {
  useTitle(texts.title);
  const iam = useIam();
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
          { id: "users", label: texts.users, content: <Entities title={texts.users} kind="users" load={iam.users} creates /> },
          { id: "roles", label: texts.roles, content: <Entities title={texts.roles} kind="roles" load={iam.roles} /> },
          { id: "groups", label: texts.groups, content: <Entities title={texts.groups} kind="groups" load={iam.groups} /> },
          {
            id: "policies",
            label: texts.policies,
            content: <Entities title={texts.policies} kind="policies" load={() => iam.policies("All")} />,
          },
          { id: "account", label: texts.accountTab, content: <Account /> },
        ]}
      />
    </SpaceBetween>
  );
}

const PAGE = 20;

interface EntitiesProps {
  title: string;
  kind: string;
  load: () => Promise<Entity[]>;
  creates?: boolean;
}

function Entities({ title, kind, load, creates }: EntitiesProps) {
  const iam = useIam();
  const url = useUrl();
  const [filter, setFilter] = useState("");
  const [page, setPage] = useState(1);
  const [creating, setCreating] = useState(false);
  const entities = useLoad(load, [iam, kind]);
  const found = (entities.data ?? []).filter((one) => one.name.toLowerCase().includes(filter.toLowerCase()));
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  const current = Math.min(page, pages);
  return (
    <SpaceBetween size="m">
      <ErrorBox error={entities.error} retry={entities.reload} />
      <Table
        items={found.slice((current - 1) * PAGE, current * PAGE)}
        loading={entities.loading && !entities.data}
        loadingText={common.loading}
        trackBy="arn"
        ariaLabels={{ tableLabel: title }}
        columnDefinitions={[
          {
            id: "name",
            header: texts.name,
            isRowHeader: true,
            cell: (one) => (
              <Link href={url(["principals", kind, kind === "policies" ? one.arn : one.name])} onFollow={follow}>
                {one.name}
              </Link>
            ),
          },
          { id: "path", header: texts.path, cell: (one) => one.path },
          { id: "arn", header: texts.arn, cell: (one) => <Copyable text={one.arn} label={texts.arn} /> },
          { id: "created", header: texts.created, cell: (one) => isoWhen(one.created) },
        ]}
        header={
          <Header
            counter={`(${entities.data?.length ?? 0})`}
            actions={creates ? <Button onClick={() => setCreating(true)}>{texts.createUser}</Button> : undefined}
          >
            {title}
          </Header>
        }
        filter={
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
        }
        pagination={<Pagination currentPageIndex={current} pagesCount={pages} onChange={({ detail }) => setPage(detail.currentPageIndex)} />}
        empty={<Box textAlign="center">{filter ? common.nothingMatches : texts.empty(title)}</Box>}
      />
      {creating ? <CreateUser onClose={() => setCreating(false)} /> : null}
    </SpaceBetween>
  );
}

function CreateUser({ onClose }: { onClose: () => void }) {
  const iam = useIam();
  const url = useUrl();
  const [name, setName] = useState("");
  const good = /^[\w+=,.@-]{1,64}$/.test(name);
  return (
    <Dialog
      title={texts.createUser}
      submit={texts.createUser}
      ready={good}
      onClose={onClose}
      onSubmit={async () => {
        await iam.call("CreateUser", { UserName: name });
        notify("success", texts.userCreated(name));
        navigate(url(["principals", "users", name]));
      }}
    >
      <FormField label={texts.userName} constraintText={texts.userNameHint}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoComplete={false} />
      </FormField>
    </Dialog>
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
      <ErrorBox error={summary.error} retry={summary.reload} />
      <Table
        items={summary.data ?? []}
        loading={summary.loading}
        loadingText={common.loading}
        trackBy="name"
        ariaLabels={{ tableLabel: texts.summary }}
        header={<Header>{texts.summary}</Header>}
        columnDefinitions={[
          { id: "name", header: texts.name, cell: (one) => one.name, isRowHeader: true },
          { id: "value", header: texts.summary, cell: (one) => one.value },
        ]}
      />
    </SpaceBetween>
  );
}
