// Who is signed in. Everything is in this tab's memory: a reload or another tab signs in anew.
import { useSyncExternalStore } from "react";

import type { Credentials } from "../aws/sigv4";
import { callQuery, type Endpoint } from "../aws/transport";

export interface Session {
  credentials: Credentials;
  account: string;
  /** The ARN of who signed in. */
  arn: string;
  /** When the credentials end, in milliseconds of the epoch; undefined where they were given with a token. */
  expiresAt?: number;
}

interface State {
  session?: Session;
  /** Why there is none any more. */
  ended?: "expired" | "refused";
}

let state: State = {};
const listeners = new Set<() => void>();

function set(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSessionState = (): State => useSyncExternalStore(subscribe, () => state);

/** The session of a page that is shown only to those who are signed in. */
export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error("nobody is signed in");
  return session;
}

/** AWS limits the root user's sessions to an hour. */
const ROOT_SESSION_S = 3600;

/** Exchanges an access key for the credentials of a session; temporary ones are taken as they are. */
export async function signIn(given: Credentials, region: string, durationS: number): Promise<void> {
  const endpoint: Endpoint = { credentials: given, region };
  const caller = await callQuery(endpoint, "sts", "GetCallerIdentity", {});
  const [account, arn] = [caller.value("Account"), caller.value("Arn")];
  if (given.sessionToken) {
    set({ session: { credentials: given, account, arn } });
    return;
  }
  const root = arn.endsWith(":root");
  const seconds = root ? Math.min(durationS, ROOT_SESSION_S) : durationS;
  const answer = await callQuery(endpoint, "sts", "GetSessionToken", { DurationSeconds: String(seconds) });
  const node = answer.child("Credentials");
  const credentials = {
    accessKeyId: node?.value("AccessKeyId") ?? "",
    secretAccessKey: node?.value("SecretAccessKey") ?? "",
    sessionToken: node?.value("SessionToken"),
  };
  set({ session: { credentials, account, arn, expiresAt: Date.parse(node?.value("Expiration") ?? "") } });
}

export const signOut = (): void => set({});
export const endSession = (ended: "expired" | "refused"): void => {
  if (state.session) set({ ended });
};
