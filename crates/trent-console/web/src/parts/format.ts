// Times and numbers as a person reads them.
const dateTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const precise = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const whole = new Intl.NumberFormat("en-US");

/** Epoch seconds, in local time. */
export const when = (seconds: number | undefined): string =>
  seconds === undefined ? "–" : dateTime.format(new Date(seconds * 1000));
export const whenPrecise = (seconds: number): string => precise.format(new Date(seconds * 1000));
export const isoWhen = (iso: string): string => (iso === "" ? "–" : dateTime.format(new Date(iso)));
export const count = (value: number): string => whole.format(value);

/** `alias/name` without its prefix. */
export const bareAlias = (name: string): string => name.replace(/^alias\//, "");

/** JSON as it is printed; anything else as it is. */
export function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 4);
  } catch {
    return json;
  }
}
