import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useState } from "react";

import { useApi } from "../app/api";
import { useLoad } from "../app/load";
import { useTitle } from "../app/shell";
import type { Quota } from "../aws/model";
import { ErrorBox } from "../parts/errors";
import { count } from "../parts/format";
import { common, quotaTexts as texts } from "../texts";

const shown = (value: number | null | undefined): string =>
  value === null || value === undefined || value > Number.MAX_SAFE_INTEGER ? texts.none : count(value);

export default function Quotas() {
  useTitle(texts.title);
  const api = useApi();
  const quotas = useLoad((signal) => api.quotas(signal), [api]);
  const [filter, setFilter] = useState("");
  const wanted = filter.toLowerCase();
  const found = (quotas.data ?? []).filter((one) => `${one.Name} ${one.Code}`.toLowerCase().includes(wanted));
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={texts.description}>
        {texts.title}
      </Header>
      <ErrorBox error={quotas.error} retry={quotas.reload} />
      {quotas.loading && !quotas.data ? <Spinner size="large" /> : null}
      {quotas.data ? (
        <TextFilter
          filteringText={filter}
          filteringPlaceholder={texts.find}
          filteringAriaLabel={texts.find}
          countText={filter ? common.matches(found.length) : undefined}
          onChange={({ detail }) => setFilter(detail.filteringText)}
        />
      ) : null}
      {quotas.data
        ? (["RESOURCE", "REQUEST"] as const).map((kind) => (
            <QuotaTable key={kind} title={texts.kinds[kind] ?? kind} quotas={found.filter((one) => one.Kind === kind)} />
          ))
        : null}
    </SpaceBetween>
  );
}

function QuotaTable({ title, quotas }: { title: string; quotas: Quota[] }) {
  return (
    <Table
      items={quotas}
      trackBy="Code"
      ariaLabels={{ tableLabel: title }}
      header={<Header counter={`(${quotas.length})`}>{title}</Header>}
      columnDefinitions={[
        { id: "name", header: texts.name, cell: (one) => one.Name, isRowHeader: true },
        { id: "value", header: texts.value, cell: (one) => shown(one.Value) },
        { id: "default", header: texts.default, cell: (one) => shown(one.Default) },
        { id: "used", header: texts.used, cell: (one) => (one.Used === undefined ? common.none : count(one.Used)) },
        { id: "adjustable", header: texts.adjustable, cell: (one) => (one.Adjustable ? common.yes : common.no) },
        { id: "code", header: texts.code, cell: (one) => one.Code },
      ]}
      empty={<Box textAlign="center">{common.nothingMatches}</Box>}
    />
  );
}
