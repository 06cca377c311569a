import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import PropertyFilter from "@cloudscape-design/components/property-filter";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Toggle from "@cloudscape-design/components/toggle";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";

import { useApi } from "../app/api";
import { useAction } from "../app/load";
import { navigate, usePlace, useQueryValue, useUrl } from "../app/router";
import { useTitle } from "../app/shell";
import { type AwsError, asAwsError } from "../aws/errors";
import type { TrailEvent } from "../aws/model";
import { ErrorBox } from "../parts/errors";
import { auditTexts as texts, common } from "../texts";
import { type Filters, fits, lookupAttributes, PROPERTIES, type Property, tailFilters } from "./audit-filter";
import { EventTable } from "./event-table";

const HOUR_S = 3600;
const RANGES: Record<string, number> = { hour: HOUR_S, day: 24 * HOUR_S, week: 168 * HOUR_S, month: 720 * HOUR_S, quarter: 2160 * HOUR_S };
const PAGE = 50;
/** How many events are looked through for one page of those that fit. */
const SCANNED_MAX = 1000;
const LIVE_MAX = 500;
const LIVE_WAIT_S = 10;
const RETRY_MS = 3000;

function useFilters(): [Filters, (filters: Filters) => void] {
  const { query } = usePlace();
  const url = useUrl();
  const text = query.toString();
  const filters = useMemo(() => {
    const given = new URLSearchParams(text);
    return Object.fromEntries(PROPERTIES.flatMap((name) => (given.get(name) ? [[name, given.get(name)]] : []))) as Filters;
  }, [text]);
  const set = (next: Filters): void => {
    const others = [...new URLSearchParams(text)].filter(([name]) => !PROPERTIES.includes(name as Property));
    navigate(url(["audit"], { ...Object.fromEntries(others), ...next }), { replace: true });
  };
  return [filters, set];
}

/** The audit trail. */
export default function Audit() {
  useTitle(texts.title);
  const [filters, setFilters] = useFilters();
  const [range, setRange] = useQueryValue("range", "day");
  const [live, setLive] = useQueryValue("live");
  const [all, setAll] = useQueryValue("all");
  const table = {
    header: (
      <Header
        variant="h1"
        description={texts.description}
        actions={
          <SpaceBetween direction="horizontal" size="m">
            {live ? (
              <Toggle checked={all !== ""} onChange={({ detail }) => setAll(detail.checked ? "1" : "")}>
                {texts.allRegions}
              </Toggle>
            ) : (
              <SegmentedControl
                label={texts.range}
                selectedId={range in RANGES ? range : "day"}
                options={Object.keys(RANGES).map((id) => ({ id, text: texts.ranges[id] ?? id }))}
                onChange={({ detail }) => setRange(detail.selectedId)}
              />
            )}
            <Toggle checked={live !== ""} onChange={({ detail }) => setLive(detail.checked ? "1" : "")}>
              {texts.live}
            </Toggle>
          </SpaceBetween>
        }
      >
        {texts.title}
      </Header>
    ),
    filter: <EventFilter filters={filters} onChange={setFilters} />,
  };
  return live ? (
    <LiveEvents filters={filters} all={all !== ""} {...table} />
  ) : (
    <PastEvents filters={filters} rangeS={RANGES[range] ?? 24 * HOUR_S} {...table} />
  );
}

function EventFilter({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
  return (
    <PropertyFilter
      hideOperations
      query={{
        operation: "and",
        tokens: Object.entries(filters).map(([propertyKey, value]) => ({ propertyKey, operator: "=", value })),
      }}
      onChange={({ detail }) =>
        onChange(
          // A word without a property is looked for as the name of an event.
          Object.fromEntries(detail.tokens.map((token) => [token.propertyKey ?? "EventName", String(token.value)])),
        )
      }
      filteringProperties={PROPERTIES.map((key) => ({
        key,
        propertyLabel: texts.properties[key],
        groupValuesLabel: texts.properties[key],
        operators: ["="],
      }))}
      filteringOptions={[
        ...["Encrypt", "Decrypt", "GenerateDataKey", "CreateKey", "DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy", "Sign", "Verify"].map(
          (value) => ({ propertyKey: "EventName", value }),
        ),
        ...["kms.amazonaws.com", "iam.amazonaws.com", "sts.amazonaws.com"].map((value) => ({ propertyKey: "EventSource", value })),
        { propertyKey: "ErrorCode", value: "AccessDenied" },
        ...["true", "false"].map((value) => ({ propertyKey: "ReadOnly", value })),
      ]}
      filteringPlaceholder={texts.filterPlaceholder}
      filteringAriaLabel={texts.filterPlaceholder}
      expandToViewport
    />
  );
}

interface ListProps {
  filters: Filters;
  header: ReactNode;
  filter: ReactNode;
}

function PastEvents({ filters, rangeS, header, filter }: ListProps & { rangeS: number }) {
  const api = useApi();
  const [state, setState] = useState<{ events: TrailEvent[]; token?: string; scanned: number }>({ events: [], scanned: 0 });
  const { running, error, run } = useAction();

  const load = useCallback(
    async (before: typeof state, signal: AbortSignal) => {
      const end = Math.ceil(Date.now() / 1000) + 60;
      const events = [...before.events];
      let { token, scanned } = before;
      const until = events.length + PAGE;
      const scannedUntil = scanned + SCANNED_MAX;
      do {
        const page = await api.lookup(
          {
            StartTime: end - rangeS,
            EndTime: end,
            LookupAttributes: lookupAttributes(filters),
            MaxResults: PAGE,
            NextToken: token,
          },
          signal,
        );
        scanned += page.Events?.length ?? 0;
        events.push(...(page.Events ?? []).filter((event) => fits(event, filters)));
        token = page.NextToken;
      } while (token && events.length < until && scanned < scannedUntil);
      if (!signal.aborted) setState({ events, token, scanned });
    },
    [api, filters, rangeS],
  );

  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    const empty = { events: [], scanned: 0 };
    setState(empty);
    void run(() => load(empty, controller.signal));
    return () => controller.abort();
  }, [load, run, turn]);

  return (
    <SpaceBetween size="m">
      <ErrorBox error={error?.message.includes("abort") ? undefined : error} retry={() => setTurn(turn + 1)} />
      <EventTable
        events={state.events}
        loading={running && state.events.length === 0}
        header={header}
        filter={filter}
        footer={
          <SpaceBetween direction="horizontal" size="m">
            <Button iconName="refresh" ariaLabel={common.refresh} onClick={() => setTurn(turn + 1)} />
            {state.token ? (
              <Button loading={running} onClick={() => void run(() => load(state, new AbortController().signal))}>
                {common.loadMore}
              </Button>
            ) : null}
            {error ? null : <Box color="text-body-secondary">{texts.scanned(state.scanned)}</Box>}
          </SpaceBetween>
        }
        empty={
          error ? undefined : (
            <Box textAlign="center">
              <b>{texts.empty}</b>
              <Box>{texts.emptyText}</Box>
            </Box>
          )
        }
      />
    </SpaceBetween>
  );
}

function LiveEvents({ filters, all, header, filter }: ListProps & { all: boolean }) {
  const api = useApi();
  const [events, setEvents] = useState<TrailEvent[]>([]);
  const [error, setError] = useState<AwsError>();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setEvents([]);
    void (async () => {
      let token: string | undefined;
      while (!signal.aborted) {
        try {
          const page = await api.tail(
            { ...tailFilters(filters), NextToken: token, AllRegions: all, WaitSeconds: LIVE_WAIT_S, MaxResults: 100 },
            signal,
          );
          token = page.NextToken;
          const fresh = page.Events.filter((event) => fits(event, filters)).toReversed();
          setError(undefined);
          if (fresh.length > 0) setEvents((before) => [...fresh, ...before].slice(0, LIVE_MAX));
        } catch (failure) {
          if (signal.aborted) return;
          const error = asAwsError(failure);
          setError(error);
          // What is not served or not allowed will not be in a moment.
          if (error.unknownOperation || error.denied) return;
          await new Promise((resolve) => {
            setTimeout(resolve, RETRY_MS);
          });
        }
      }
    })();
    return () => controller.abort();
  }, [api, filters, all]);
  return (
    <SpaceBetween size="m">
      <ErrorBox error={error} />
      {error ? null : <StatusIndicator type="in-progress">{texts.liveOn}</StatusIndicator>}
      <EventTable
        events={events}
        loading={false}
        header={header}
        filter={filter}
        empty={error ? undefined : <Box textAlign="center">{texts.empty}</Box>}
      />
    </SpaceBetween>
  );
}
