// What the page of usage and cost and the tab of a key both show.
import BarChart from "@cloudscape-design/components/bar-chart";
import type { TableProps } from "@cloudscape-design/components/table";

import type { CostLine } from "../aws/model";
import { usageTexts2 as texts } from "../texts";
import type { Series } from "./usage-figures";

/** Requests over time, a bar for each step. */
export function RequestChart({ label, figures, height }: { label: string; figures: Series[]; height: number }) {
  return (
    <BarChart
      stackedBars
      hideFilter
      height={height}
      ariaLabel={label}
      xScaleType="categorical"
      xDomain={figures[0]?.data.map((point) => point.x)}
      series={figures}
      yTitle={texts.requests}
    />
  );
}

/** The columns of charges. */
export const costColumns = (currency: string): TableProps.ColumnDefinition<CostLine>[] => [
  { id: "type", header: texts.usageType, cell: (one) => one.UsageType, isRowHeader: true },
  { id: "quantity", header: texts.quantity, cell: (one) => one.Quantity },
  { id: "unit", header: texts.unit, cell: (one) => one.Unit },
  { id: "amount", header: texts.amount, cell: (one) => `${one.Amount} ${currency}` },
];
