// Pages and their addresses: /console/{account}/{Region}/{page…}?{query}.
import { createContext, type MouseEvent, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";

const BASE = "/console/";

export interface Place {
  account: string;
  region: string;
  /** The page and what it is about, decoded. */
  path: string[];
  query: URLSearchParams;
}

export function parsePlace(pathname: string, search: string): Place {
  const parts = pathname.startsWith(BASE) ? pathname.slice(BASE.length).split("/").filter(Boolean) : [];
  const decoded = parts.map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  const account = /^\d{12}$/.test(decoded[0] ?? "") ? (decoded.shift() ?? "") : "";
  const region = /^[a-z]{2}(-[a-z]+)+-\d$/.test(decoded[0] ?? "") ? (decoded.shift() ?? "") : "";
  return { account, region, path: decoded, query: new URLSearchParams(search) };
}

type Query = Record<string, string | undefined>;

export function placeUrl(account: string, region: string, path: string[], query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const text = search.toString();
  const parts = [account, region, ...path].filter(Boolean).map(encodeURIComponent);
  return BASE + parts.join("/") + (text ? `?${text}` : "");
}

const listeners = new Set<() => void>();
const tell = (): void => {
  for (const listener of listeners) listener();
};

/** Who holds what has been typed and not been saved: a page, and a dialog on it. */
const guards = new Set<symbol>();
/** Asks whether it may be lost. */
let asked: ((go: () => void) => void) | undefined;
let here = location.pathname + location.search;

function go(url: string, replace = false): void {
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  here = url;
  tell();
}

/** Does what takes away what has been typed, unless somebody would lose it and does not want to. */
export function leave(away: () => void): void {
  if (guards.size > 0 && asked) asked(away);
  else away();
}

interface Going {
  /** In place of the address that is there. */
  replace?: boolean;
  /** Whatever has been typed: it is saved, or of no use any more. */
  force?: boolean;
}

/** Goes to an address of the console; asks first where something would be lost. */
export function navigate(url: string, { replace = false, force = false }: Going = {}): void {
  if (url === here) return;
  if (force) go(url, replace);
  else leave(() => go(url, replace));
}

window.addEventListener("popstate", () => {
  const wanted = location.pathname + location.search;
  if (guards.size > 0 && asked) {
    // The browser has gone already: back to where the typing is, and then ask.
    history.pushState(null, "", here);
    asked(() => go(wanted));
    return;
  }
  here = wanted;
  tell();
});

window.addEventListener("beforeunload", (event) => {
  if (guards.size > 0) event.preventDefault();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const PlaceContext = createContext<Place>({ account: "", region: "", path: [], query: new URLSearchParams() });

export function Router({ children }: { children: ReactNode }) {
  const url = useSyncExternalStore(subscribe, () => here);
  const place = useMemo(() => {
    const [pathname, search] = url.split("?");
    return parsePlace(pathname ?? "", search ?? "");
  }, [url]);
  return <PlaceContext value={place}>{children}</PlaceContext>;
}

export const usePlace = (): Place => useContext(PlaceContext);

/** Addresses in the present account and Region, or in another Region. */
export function useUrl(): (path: string[], query?: Query, region?: string) => string {
  const { account, region } = usePlace();
  return useMemo(
    () => (path: string[], query: Query = {}, other?: string) => placeUrl(account, other ?? region, path, query),
    [account, region],
  );
}

/**
 * Keeps a value of the page in its address, so that links lead to what is seen. One whose change takes away what stands
 * on the page, as that of a tab does, `leaves` it.
 */
export function useQueryValue(name: string, fallback = "", { leaves = false } = {}): [string, (value: string) => void] {
  const { account, region, path, query } = usePlace();
  const value = query.get(name) ?? fallback;
  return [
    value,
    (next) => {
      const all = Object.fromEntries(query);
      navigate(placeUrl(account, region, path, { ...all, [name]: next === fallback ? undefined : next }), { replace: true, force: !leaves });
    },
  ];
}

/** For Cloudscape's `onFollow`: stays in the page for the console's own addresses. */
export function follow(event: { preventDefault(): void; detail: { href?: string | undefined; external?: boolean | undefined } }): void {
  const { href, external } = event.detail;
  if (!href || external || !href.startsWith(BASE)) return;
  event.preventDefault();
  navigate(href);
}

/** A plain link of the console's own. */
export function onClickNavigate(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  navigate(event.currentTarget.pathname + event.currentTarget.search);
}

/** While `dirty`, whoever leaves the page is asked first. */
export function useGuard(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return undefined;
    const guard = Symbol("typed");
    guards.add(guard);
    return () => {
      guards.delete(guard);
    };
  }, [dirty]);
}

/** The question of the guard: what is to be done when the answer is yes. */
export function useGuardQuestion(): [(() => void) | undefined, () => void] {
  const [pending, setPending] = useState<() => void>();
  useEffect(() => {
    asked = (leave) => setPending(() => leave);
    return () => {
      asked = undefined;
    };
  }, []);
  return [pending, () => setPending(undefined)];
}
