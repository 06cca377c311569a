import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useApi } from "../../app/api";
import { useLoad } from "../../app/load";
import { follow, useUrl } from "../../app/router";
import { ErrorBox } from "../../parts/errors";
import { detailTexts } from "../../texts";
import { EventTable } from "../event-table";
import type { TabProps } from "../key";

const SHOWN = 20;

export default function AuditTab({ meta }: TabProps) {
  const api = useApi();
  const url = useUrl();
  const events = useLoad(
    async (signal) => {
      const attribute = { AttributeKey: "ResourceName", AttributeValue: meta.Arn };
      return (await api.lookup({ LookupAttributes: [attribute], MaxResults: SHOWN }, signal)).Events ?? [];
    },
    [api, meta],
  );
  return (
    <SpaceBetween size="m">
      <ErrorBox error={events.error} retry={events.reload} />
      <EventTable
        events={events.data ?? []}
        loading={events.loading && !events.data}
        header={
          <Header
            actions={
              <Link href={url(["audit"], { ResourceName: meta.Arn })} onFollow={follow}>
                {detailTexts.audit.all}
              </Link>
            }
          >
            {detailTexts.tabs.audit}
          </Header>
        }
        empty={<Box textAlign="center">{detailTexts.audit.empty}</Box>}
      />
    </SpaceBetween>
  );
}
