// The frame of every page: header, navigation, notices, and the guard of what has been typed.
import AppLayout from "@cloudscape-design/components/app-layout";
import Box from "@cloudscape-design/components/box";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Button from "@cloudscape-design/components/button";
import Flashbar from "@cloudscape-design/components/flashbar";
import Modal from "@cloudscape-design/components/modal";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { type ReactNode, useEffect, useState } from "react";

import { common, principalTexts, signInTexts } from "../texts";
import { notify, useNotices } from "./notices";
import { usePreference } from "./preferences";
import { follow, leave, navigate, placeUrl, useGuardQuestion, usePlace, useUrl } from "./router";
import { endSession, type Session, signOut } from "./session";
import { useTheme } from "./theme";

export interface Crumb {
  text: string;
  path?: string[];
}

const MINUTE_MS = 60_000;
const WARNED_BEFORE_MINUTES = 5;

/** Warns before the session ends, and ends it then. */
function useExpiry(session: Session): void {
  const { expiresAt } = session;
  useEffect(() => {
    if (expiresAt === undefined) return undefined;
    const leftMs = (): number => expiresAt - Date.now();
    const warn = (): void => notify("warning", signInTexts.soon(Math.max(1, Math.round(leftMs() / MINUTE_MS))));
    const warning = setTimeout(warn, Math.max(0, leftMs() - WARNED_BEFORE_MINUTES * MINUTE_MS));
    const ending = setTimeout(() => endSession("expired"), Math.max(0, leftMs()));
    return () => {
      clearTimeout(warning);
      clearTimeout(ending);
    };
  }, [expiresAt]);
}

export function Shell({ session, regions, children }: { session: Session; regions: string[]; children: ReactNode }) {
  const [open, setOpen] = usePreference("navigation", true);
  const notices = useNotices();
  useExpiry(session);
  return (
    <>
      <div id="trent-header">
        <Header session={session} regions={regions} />
      </div>
      <AppLayout
        headerSelector="#trent-header"
        navigation={<Navigation />}
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        toolsHide
        breadcrumbs={<Crumbs />}
        notifications={<Flashbar items={notices} stackItems />}
        content={children}
      />
      <Guard />
    </>
  );
}

function Header({ session, regions }: { session: Session; regions: string[] }) {
  const { account, region, path } = usePlace();
  const [dark, setDark] = useTheme();
  const name = session.arn.split(/[:/]/).at(-1) ?? session.arn;
  return (
    <TopNavigation
      identity={{
        href: placeUrl(account, region, ["keys"]),
        title: common.product,
        onFollow: follow,
      }}
      utilities={[
        {
          type: "menu-dropdown",
          text: region,
          ariaLabel: common.inRegion(region),
          iconName: "globe",
          items: regions.map((id) => ({ id, text: id, disabled: id === region })),
          // What is looked at may not be in the other Region: its list is.
          onItemClick: ({ detail }) => navigate(placeUrl(account, detail.id, path.slice(0, 1))),
        },
        {
          type: "button",
          iconSvg: dark ? sun : moon,
          ariaLabel: dark ? common.lightMode : common.darkMode,
          onClick: () => setDark(!dark),
        },
        {
          type: "menu-dropdown",
          text: `${name} @ ${session.account}`,
          description: session.arn,
          ariaLabel: `${name} @ ${session.account}: ${common.signedInAs(session.arn)}`,
          iconName: "user-profile",
          items: [{ id: "sign-out", text: common.signOut }],
          onItemClick: () => leave(signOut),
        },
      ]}
    />
  );
}

const moon = (
  <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d="M13 9.500A5.800 5.800 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500Z" fill="none" stroke="currentColor" strokeWidth="2" />
  </svg>
);
const sun = (
  <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <circle cx="8" cy="8" r="3" fill="none" stroke="currentColor" strokeWidth="2" />
    <path d="M8 0v2m0 12v2M0 8h2m12 0h2M2.300 2.300l1.400 1.400m8.600 8.600 1.400 1.400m0-11.400-1.400 1.400m-8.600 8.600-1.400 1.400" stroke="currentColor" strokeWidth="2" />
  </svg>
);

function Navigation() {
  const url = useUrl();
  const { path } = usePlace();
  const link = (text: string, page: string) => ({ type: "link" as const, text, href: url([page]) });
  return (
    <SideNavigation
      activeHref={url([path[0] ?? "keys"])}
      header={{ text: common.keyManagement, href: url(["keys"]) }}
      onFollow={follow}
      items={[
        link(common.nav.awsKeys, "aws-keys"),
        link(common.nav.keys, "keys"),
        link(common.nav.use, "use"),
        { type: "divider" },
        link(common.nav.audit, "audit"),
        link(common.nav.usage, "usage"),
        link(common.nav.principals, "principals"),
        link(common.nav.quotas, "quotas"),
      ]}
    />
  );
}

const SECTIONS: Record<string, string> = {
  "aws-keys": common.nav.awsKeys,
  keys: common.nav.keys,
  use: common.nav.use,
  audit: common.nav.audit,
  usage: common.nav.usage,
  principals: common.nav.principals,
  quotas: common.nav.quotas,
};

const PARTS: Record<string, string> = {
  create: common.nav.create,
  import: common.nav.import,
  users: principalTexts.users,
  roles: principalTexts.roles,
  groups: principalTexts.groups,
  policies: principalTexts.policies,
};

function Crumbs() {
  const url = useUrl();
  const { path } = usePlace();
  const [section = "keys", ...rest] = path;
  const items = [
    { text: common.product, href: url(["keys"]) },
    { text: SECTIONS[section] ?? section, href: url([section]) },
    ...rest.map((part, index) =>
      // The lists of users, roles, groups and policies are tabs of one page.
      section === "principals" && index === 0
        ? { text: PARTS[part] ?? part, href: url([section], { tab: part }) }
        : { text: PARTS[part] ?? part.slice(part.lastIndexOf("/") + 1), href: url(path.slice(0, index + 2)) },
    ),
  ];
  return <BreadcrumbGroup items={items} onFollow={follow} />;
}

function Guard() {
  const [away, forget] = useGuardQuestion();
  const texts = common.unsaved;
  // Made when it is asked, so that it stands above the dialog that is about to be lost.
  if (!away) return null;
  return (
    <Modal
      visible
      header={texts.title}
      onDismiss={forget}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={forget}>{texts.stay}</Button>
            <Button
              variant="primary"
              onClick={() => {
                away();
                forget();
              }}
            >
              {texts.leave}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {texts.text}
    </Modal>
  );
}

/** The title of the browser's tab. */
export function useTitle(title: string): void {
  const [product] = useState(common.product);
  useEffect(() => {
    document.title = `${title} – ${product}`;
  }, [title, product]);
}
