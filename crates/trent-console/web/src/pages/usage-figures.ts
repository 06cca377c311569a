// From rows of usage and cost to what charts show.
import type { UsageRow } from "../aws/model";
import { usageTexts2 as texts } from "../texts";

export interface Series {
  type: "bar";
  title: string;
  data: { x: string; y: number }[];
}

/** How many groups a chart tells apart; the rest is one more. */
const GROUPS_MAX = 8;

export function currentMonth(now = new Date()): string {
  return now.toISOString().slice(0, 7);
}

/** This month and those before it. */
export function lastMonths(many: number, now = new Date()): string[] {
  return Array.from({ length: many }, (_, back) => {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
    return month.toISOString().slice(0, 7);
  });
}

/** The time of a step, in UTC, as people read it. */
export const stepLabel = (seconds: number, stepS: number): string => {
  const iso = new Date(seconds * 1000).toISOString();
  if (stepS < 86_400) return `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
  return stepS > 86_400 * 27 ? iso.slice(0, 7) : iso.slice(5, 10);
};

/** A group as it is named in charts and tables. */
export function groupName(group: Record<string, string>): string {
  const names = Object.values(group).map((value) => (value === "" ? texts.noTag : value.replace(/^arn:[^:]+:[^:]+:[^:]*:[^:]*:/, "")));
  return names.join(" / ") || texts.requests;
}

/** One series for each of the busiest groups, with a point for every step of the time. */
export function series(rows: UsageRow[], group: string, startS: number, endS: number, stepS: number): Series[] {
  const totals = new Map<string, number>();
  const cells = new Map<string, number>();
  for (const row of rows) {
    const name = groupName(group ? { [group]: row.Group[group] ?? "" } : {});
    totals.set(name, (totals.get(name) ?? 0) + row.Requests);
    const cell = `${stepLabel(row.Start, stepS)}\n${name}`;
    cells.set(cell, (cells.get(cell) ?? 0) + row.Requests);
  }
  const steps: string[] = [];
  for (let at = startS; at < endS; at += stepS) {
    const label = stepLabel(at, stepS);
    if (steps.at(-1) !== label) steps.push(label);
  }
  const names = [...totals].toSorted((a, b) => b[1] - a[1]).map(([name]) => name);
  const shown = names.slice(0, GROUPS_MAX);
  const rest = names.slice(GROUPS_MAX);
  const of = (title: string, members: string[]): Series => ({
    type: "bar",
    title,
    data: steps.map((x) => ({ x, y: members.reduce((sum, name) => sum + (cells.get(`${x}\n${name}`) ?? 0), 0) })),
  });
  return [...shown.map((name) => of(name, [name])), ...(rest.length > 0 ? [of(texts.others, rest)] : [])];
}
