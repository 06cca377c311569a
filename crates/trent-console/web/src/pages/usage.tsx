import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Table from "@cloudscape-design/components/table";
import Tabs from "@cloudscape-design/components/tabs";

import { useApi } from "../app/api";
import { useAction, useLoad } from "../app/load";
import { useQueryValue } from "../app/router";
import { useTitle } from "../app/shell";
import type { CostLine } from "../aws/model";
import { save } from "../parts/download";
import { ErrorBox } from "../parts/errors";
import { count } from "../parts/format";
import { auditTexts, usageTexts2 as texts } from "../texts";
import { costColumns, RequestChart } from "./usage-parts";
import { groupName, lastMonths, series, stepLabel } from "./usage-figures";

export default function Usage() {
  useTitle(texts.title);
  const [tab, setTab] = useQueryValue("tab", "usage");
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={texts.description}>
        {texts.title}
      </Header>
      <Tabs
        activeTabId={tab}
        onChange={({ detail }) => setTab(detail.activeTabId)}
        tabs={[
          { id: "usage", label: texts.usage, content: <Requests /> },
          { id: "cost", label: texts.cost, content: <Costs /> },
        ]}
      />
    </SpaceBetween>
  );
}

interface Option {
  value: string;
  label: string;
}

function Choice({ label, value, options, onChange }: { label: string; value: string; options: Option[]; onChange: (value: string) => void }) {
  return (
    <FormField label={label}>
      <Select
        selectedOption={options.find((one) => one.value === value) ?? options[0] ?? null}
        options={options}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? value)}
      />
    </FormField>
  );
}

function TagKey({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <FormField label={texts.tagKey}>
      <Input value={value} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}

const DAY_S = 86_400;
const RANGES_S: Record<string, number> = { day: DAY_S, week: 7 * DAY_S, month: 30 * DAY_S, quarter: 90 * DAY_S };
const STEPS_S: Record<string, number> = { HOURLY: 3600, DAILY: DAY_S, MONTHLY: 28 * DAY_S };

/** `TAG` with the key that is chosen beside it. */
const groupBy = (group: string, tagKey: string): string[] =>
  group === "TAG" ? (tagKey.trim() ? [`TAG:${tagKey.trim()}`] : []) : group ? [group] : [];

function Requests() {
  const api = useApi();
  const [range, setRange] = useQueryValue("range", "week");
  const [step, setStep] = useQueryValue("by", "DAILY");
  const [group, setGroup] = useQueryValue("group", "OPERATION");
  const [tagKey, setTagKey] = useQueryValue("tag");
  const [key, setKey] = useQueryValue("key");
  const [by] = groupBy(group, tagKey);
  const stepS = STEPS_S[step] ?? DAY_S;
  const usage = useLoad(
    async (signal) => {
      const end = Math.ceil(Date.now() / 1000);
      const align = Math.min(stepS, DAY_S);
      const start = (Math.floor((end - (RANGES_S[range] ?? 7 * DAY_S)) / align) + 1) * align;
      const rows = await api.usage(
        {
          StartTime: start,
          EndTime: end,
          Granularity: step,
          GroupBy: by ? [by] : undefined,
          Filter: key.trim() ? { KeyId: key.trim() } : undefined,
        },
        signal,
      );
      return { rows, start, end };
    },
    [api, range, step, by, key],
  );
  const figures = usage.data ? series(usage.data.rows, by ?? "", usage.data.start, usage.data.end, stepS) : [];
  return (
    <SpaceBetween size="l">
      <Grid gridDefinition={[{ colspan: 2 }, { colspan: 2 }, { colspan: 2 }, { colspan: 2 }, { colspan: 4 }].map((one) => ({ colspan: { default: 12, s: one.colspan } }))}>
        <Choice
          label={texts.time}
          value={range}
          options={Object.keys(RANGES_S).map((value) => ({ value, label: auditTexts.ranges[value] ?? value }))}
          onChange={setRange}
        />
        <Choice
          label={texts.granularity}
          value={step}
          options={[
            { value: "HOURLY", label: texts.hourly },
            { value: "DAILY", label: texts.daily },
            { value: "MONTHLY", label: texts.monthly },
          ]}
          onChange={setStep}
        />
        <Choice
          label={texts.group}
          value={group}
          options={["OPERATION", "KEY", "PRINCIPAL", "ERROR", "REGION", "TAG"].map((value) => ({ value, label: texts.groups[value] ?? value }))}
          onChange={setGroup}
        />
        {group === "TAG" ? <TagKey value={tagKey} onChange={setTagKey} /> : <div />}
        <FormField label={texts.keyFilter}>
          <Input value={key} onChange={({ detail }) => setKey(detail.value)} type="search" />
        </FormField>
      </Grid>
      <ErrorBox error={usage.error} retry={usage.reload} />
      {usage.loading && !usage.data ? <Spinner /> : null}
      {figures.length > 0 ? (
        <Container header={<Header>{texts.requests}</Header>}>
          <RequestChart label={texts.requests} figures={figures} height={260} />
        </Container>
      ) : null}
      {usage.data ? (
        <Table
          items={usage.data.rows}
          ariaLabels={{ tableLabel: texts.usage }}
          columnDefinitions={[
            { id: "start", header: texts.start, cell: (one) => stepLabel(one.Start, stepS) },
            { id: "group", header: by ? (texts.groups[group] ?? by) : texts.group, cell: (one) => groupName(one.Group), isRowHeader: true },
            { id: "requests", header: texts.requests, cell: (one) => count(one.Requests) },
            { id: "errors", header: texts.errors, cell: (one) => count(one.Errors) },
          ]}
          empty={<Box textAlign="center">{texts.emptyUsage}</Box>}
        />
      ) : null}
    </SpaceBetween>
  );
}

const MONTHS = 12;

function Costs() {
  const api = useApi();
  const months = lastMonths(MONTHS);
  const [month, setMonth] = useQueryValue("month", months[0]);
  const [group, setGroup] = useQueryValue("costgroup", "USAGE_TYPE");
  const [tagKey, setTagKey] = useQueryValue("tag");
  const [by] = groupBy(group, tagKey);
  const input = { Month: month, GroupBy: by ? [by] : undefined };
  const report = useLoad((signal) => api.costs(input, signal), [api, month, by]);
  const { running, error, run } = useAction();
  const download = () =>
    run(async () => {
      save(`trent-cost-${month}.csv`, await api.costsCsv(input), "text/csv");
    });
  return (
    <SpaceBetween size="l">
      <Grid gridDefinition={[3, 3, 3].map((colspan) => ({ colspan: { default: 12, s: colspan } }))}>
        <Choice label={texts.month} value={month} options={months.map((value) => ({ value, label: value }))} onChange={setMonth} />
        <Choice
          label={texts.group}
          value={group}
          options={["USAGE_TYPE", "KEY", "REGION", "TAG"].map((value) => ({ value, label: texts.groups[value] ?? value }))}
          onChange={setGroup}
        />
        {group === "TAG" ? <TagKey value={tagKey} onChange={setTagKey} /> : <div />}
      </Grid>
      <ErrorBox error={report.error ?? error} retry={report.reload} />
      {report.loading && !report.data ? <Spinner /> : null}
      {report.data ? (
        <Table
          items={report.data.Lines}
          ariaLabels={{ tableLabel: texts.cost }}
          header={
            <Header
              description={report.data.Complete ? undefined : texts.incomplete}
              actions={
                <Button iconName="download" loading={running} onClick={() => void download()}>
                  {texts.csv}
                </Button>
              }
            >
              {texts.total(report.data.Total, report.data.Currency)}
            </Header>
          }
          columnDefinitions={[
            ...(group === "USAGE_TYPE"
              ? []
              : [{ id: "group", header: texts.groups[group] ?? texts.group, cell: (one: CostLine) => groupName(one.Group) }]),
            ...costColumns(report.data.Currency),
          ]}
          empty={<Box textAlign="center">{texts.emptyCost}</Box>}
        />
      ) : null}
    </SpaceBetween>
  );
}
