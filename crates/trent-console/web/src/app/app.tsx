import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { lazy, type ReactNode, Suspense, useEffect } from "react";

import { PageBoundary } from "../parts/errors";
import { common } from "../texts";
import { clearNotices } from "./notices";
import { navigate, placeUrl, usePlace } from "./router";
import { useSessionState } from "./session";
import { Shell } from "./shell";
import { SignIn } from "./sign-in";

const KeyList = lazy(() => import("../pages/key-list"));
const AwsKeyList = lazy(() => import("../pages/aws-key-list"));
const CreateKey = lazy(() => import("../pages/create-key"));
const KeyPage = lazy(() => import("../pages/key"));
const ImportMaterial = lazy(() => import("../pages/import-material"));
const UseKey = lazy(() => import("../pages/use-key"));
const Audit = lazy(() => import("../pages/audit"));
const Usage = lazy(() => import("../pages/usage"));
const Principals = lazy(() => import("../pages/principals"));
const Principal = lazy(() => import("../pages/principal"));
const Quotas = lazy(() => import("../pages/quotas"));

function page(path: string[]): ReactNode {
  const [section, one, two] = path;
  switch (section) {
    case "aws-keys":
    case "keys":
      if (section === "keys" && one === "create") return <CreateKey />;
      if (one && two === "import") return <ImportMaterial keyId={one} />;
      if (one) return <KeyPage keyId={one} key={one} />;
      return section === "keys" ? <KeyList /> : <AwsKeyList />;
    case "use":
      return <UseKey />;
    case "audit":
      return <Audit />;
    case "usage":
      return <Usage />;
    case "principals":
      return one && two ? <Principal kind={one} name={two} key={`${one}/${two}`} /> : <Principals />;
    case "quotas":
      return <Quotas />;
    default:
      return <Header variant="h1">{common.notFound}</Header>;
  }
}

/** While the code of a page is on its way. */
function Loading() {
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{common.loading}</Header>
      <Spinner size="large" />
    </SpaceBetween>
  );
}

export function App({ regions }: { regions: string[] }) {
  const { session } = useSessionState();
  const { account, region, path, query } = usePlace();
  const served = regions.includes(region);
  useEffect(() => {
    if (!session) clearNotices();
    else if (account === "" || region === "" || path.length === 0) {
      const home = regions.includes("us-east-1") ? "us-east-1" : (regions[0] ?? "us-east-1");
      const target = path.length === 0 ? ["keys"] : path;
      navigate(placeUrl(account || session.account, region || home, target, Object.fromEntries(query)), { replace: true });
    }
  }, [session, account, region, path, query, regions]);
  if (!session) return <SignIn regions={regions} />;
  if (account === "" || region === "" || path.length === 0) return <Spinner size="large" />;
  const elsewhere = account !== session.account;
  return (
    <Shell session={session} regions={regions}>
      {elsewhere || !served ? (
        <SpaceBetween size="l">
          <Header variant="h1">{common.elsewhere}</Header>
          <Alert
            type="warning"
            action={
              <Button onClick={() => navigate(placeUrl(session.account, served ? region : (regions[0] ?? ""), ["keys"]))}>
                {common.goToOwn}
              </Button>
            }
          >
            {elsewhere ? common.otherAccount(account, session.account) : common.otherRegion(region)}
          </Alert>
        </SpaceBetween>
      ) : (
        <PageBoundary key={path.join("/")}>
          <Suspense fallback={<Loading />}>
            <div key={region}>{page(path)}</div>
          </Suspense>
        </PageBoundary>
      )}
    </Shell>
  );
}
