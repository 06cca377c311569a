// What a key was asked for in the last days, and what it costs.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Table from "@cloudscape-design/components/table";

import { useApi } from "../../app/api";
import { useLoad } from "../../app/load";
import { follow, useUrl } from "../../app/router";
import { ErrorBox } from "../../parts/errors";
import { count } from "../../parts/format";
import { detailTexts, usageTexts2 } from "../../texts";
import type { TabProps } from "../key";
import { currentMonth, series } from "../usage-figures";
import { costColumns, RequestChart } from "../usage-parts";

const texts = detailTexts.usage;
const DAYS = 7;
const DAY_S = 86_400;

export default function UsageTab({ meta }: TabProps) {
  const api = useApi();
  const url = useUrl();
  const usage = useLoad(
    async (signal) => {
      const end = Math.ceil(Date.now() / 1000);
      const start = (Math.floor(end / DAY_S) - DAYS + 1) * DAY_S;
      const rows = await api.usage(
        { StartTime: start, EndTime: end, Granularity: "DAILY", GroupBy: ["OPERATION"], Filter: { KeyId: meta.Arn } },
        signal,
      );
      return { rows, start, end };
    },
    [api, meta],
  );
  const month = currentMonth();
  const costs = useLoad(
    async (signal) => {
      const report = await api.costs({ Month: month, GroupBy: ["KEY"] }, signal);
      return { currency: report.Currency, lines: report.Lines.filter((line) => line.Group.KEY === meta.Arn) };
    },
    [api, meta, month],
  );
  const figures = usage.data ? series(usage.data.rows, "OPERATION", usage.data.start, usage.data.end, DAY_S) : undefined;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            actions={
              <Link href={url(["usage"], { key: meta.Arn })} onFollow={follow}>
                {texts.all}
              </Link>
            }
          >
            {texts.week}
          </Header>
        }
      >
        <ErrorBox error={usage.error} retry={usage.reload} />
        {usage.loading && !usage.data ? <Spinner /> : null}
        {figures && figures.length === 0 ? <Box>{texts.none}</Box> : null}
        {figures && figures.length > 0 ? (
          <RequestChart label={texts.week} figures={figures} height={200} />
        ) : null}
      </Container>
      <Container header={<Header>{texts.cost(month)}</Header>}>
        <ErrorBox error={costs.error} retry={costs.reload} />
        {costs.loading && !costs.data ? <Spinner /> : null}
        {costs.data ? (
          <Table
            variant="embedded"
            items={costs.data.lines}
            ariaLabels={{ tableLabel: texts.cost(month) }}
            columnDefinitions={costColumns(costs.data.currency)}
            empty={<Box textAlign="center">{usageTexts2.emptyCost}</Box>}
          />
        ) : null}
      </Container>
      {usage.data && usage.data.rows.some((row) => row.Errors > 0) ? (
        <Box color="text-body-secondary">
          {`${texts.errors}: ${count(usage.data.rows.reduce((sum, row) => sum + row.Errors, 0))}`}
        </Box>
      ) : null}
    </SpaceBetween>
  );
}
