// Events of the audit trail in a table, and one of them in full.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { type ReactNode, useState } from "react";

import { follow, useUrl } from "../app/router";
import type { TrailEvent } from "../aws/model";
import { CopyButton, Copyable } from "../parts/copy";
import { Explain } from "../parts/explain";
import { pretty, whenPrecise } from "../parts/format";
import { auditTexts as texts, common } from "../texts";
import { keyOf, recordOf } from "./audit-filter";

interface Props {
  events: TrailEvent[];
  loading: boolean;
  header?: ReactNode;
  filter?: ReactNode;
  footer?: ReactNode;
  empty: ReactNode;
}

export function EventTable({ events, loading, header, filter, footer, empty }: Props) {
  const [shown, setShown] = useState<TrailEvent>();
  return (
    <>
      <Table
        items={events}
        loading={loading}
        loadingText={common.loading}
        trackBy="EventId"
        wrapLines
        ariaLabels={{ tableLabel: texts.title }}
        header={header}
        filter={filter}
        footer={footer}
        empty={empty}
        columnDefinitions={[
          {
            id: "name",
            header: texts.columns.name,
            minWidth: 210,
            isRowHeader: true,
            cell: (one) => (
              <Button variant="inline-link" onClick={() => setShown(one)} ariaLabel={`${one.EventName}, ${whenPrecise(one.EventTime)}`}>
                {one.EventName}
              </Button>
            ),
          },
          { id: "time", header: texts.columns.time, cell: (one) => whenPrecise(one.EventTime) },
          { id: "user", header: texts.columns.user, cell: (one) => one.Username || common.none },
          {
            id: "resource",
            header: texts.columns.resource,
            cell: (one) => (one.Resources ?? []).map((resource) => shortArn(resource.ResourceName ?? "")).join(", ") || common.none,
          },
          {
            id: "error",
            header: texts.columns.error,
            minWidth: 220,
            cell: (one) => {
              const { errorCode } = recordOf(one);
              return errorCode ? <StatusIndicator type="error">{errorCode}</StatusIndicator> : common.none;
            },
          },
          { id: "ip", header: texts.columns.ip, cell: (one) => recordOf(one).sourceIPAddress ?? common.none },
        ]}
      />
      {shown ? <EventView event={shown} onClose={() => setShown(undefined)} /> : null}
    </>
  );
}

const shortArn = (arn: string): string => arn.replace(/^arn:[^:]+:[^:]+:[^:]*:[^:]*:/, "");

/** One event, with what it leads to. */
function EventView({ event, onClose }: { event: TrailEvent; onClose: () => void }) {
  const url = useUrl();
  const [explaining, setExplaining] = useState(false);
  const record = recordOf(event);
  const key = keyOf(record);
  const json = pretty(event.CloudTrailEvent);
  const denied = record.errorCode === "AccessDenied" || record.errorCode === "AccessDeniedException";
  const leads: [string, string][] = [];
  if (record.requestID) leads.push([texts.byRequest, url(["audit"], { RequestId: record.requestID })]);
  if (event.Username) leads.push([texts.byPrincipal, url(["audit"], { Username: event.Username })]);
  if (key) {
    leads.push([texts.byKey, url(["audit"], { ResourceName: key.arn })]);
    leads.push([texts.toKey, url(["keys", key.id], {}, record.awsRegion)]);
  }
  if (explaining && record.requestID) {
    return (
      <Explain
        keyId={key?.arn}
        requestId={record.requestID}
        message={record.errorMessage}
        region={record.awsRegion}
        onClose={() => setExplaining(false)}
      />
    );
  }
  return (
    <Modal
      visible
      size="large"
      header={`${event.EventName} – ${whenPrecise(event.EventTime)}`}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <CopyButton text={json} label={common.copy} />
            <Button variant="primary" onClick={onClose}>
              {common.close}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <KeyValuePairs
          columns={2}
          items={[
            { label: texts.columns.user, value: record.userIdentity?.arn ?? event.Username ?? common.none },
            { label: texts.columns.region, value: record.awsRegion ?? common.none },
            { label: texts.columns.ip, value: record.sourceIPAddress ?? common.none },
            { label: common.error.requestId, value: record.requestID ? <Copyable text={record.requestID} label={common.error.requestId} /> : common.none },
            ...(record.errorCode
              ? [
                  { label: texts.columns.error, value: <StatusIndicator type="error">{record.errorCode}</StatusIndicator> },
                  { label: " ", value: record.errorMessage ?? common.none },
                ]
              : []),
          ]}
        />
        <SpaceBetween direction="horizontal" size="m">
          {leads.map(([text, href]) => (
            <Link
              key={text}
              href={href}
              onFollow={(click) => {
                onClose();
                follow(click);
              }}
            >
              {text}
            </Link>
          ))}
          {denied && record.requestID ? (
            <Button variant="inline-link" onClick={() => setExplaining(true)}>
              {texts.why}
            </Button>
          ) : null}
        </SpaceBetween>
        <Box variant="h3">{texts.record}</Box>
        <pre className="trent-code">{json}</pre>
      </SpaceBetween>
    </Modal>
  );
}
