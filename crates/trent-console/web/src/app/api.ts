import { useMemo } from "react";

import { type Api, bind } from "../aws/api";
import { bindIam, type Iam } from "../aws/iam";
import { usePlace } from "./router";
import { endSession, useSession } from "./session";

const refused = (): void => endSession("refused");

/** KMS, the trail and Trent's own operations, in the Region of the page or another. */
export function useApi(other?: string): Api {
  const { credentials } = useSession();
  const place = usePlace();
  const region = other ?? place.region;
  return useMemo(() => bind({ credentials, region, onSignedOut: refused }), [credentials, region]);
}

export function useIam(): Iam {
  const { credentials } = useSession();
  const { region } = usePlace();
  return useMemo(() => bindIam({ credentials, region, onSignedOut: refused }), [credentials, region]);
}
