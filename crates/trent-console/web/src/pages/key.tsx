import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs, { type TabsProps } from "@cloudscape-design/components/tabs";
import Textarea from "@cloudscape-design/components/textarea";
import FormField from "@cloudscape-design/components/form-field";
import { lazy, type ReactNode, Suspense, useState } from "react";

import { useApi } from "../app/api";
import { useLoad } from "../app/load";
import { follow, navigate, useQueryValue, useUrl } from "../app/router";
import { useTitle } from "../app/shell";
import type { KeyMetadata } from "../aws/model";
import { Copyable } from "../parts/copy";
import { Dialog } from "../parts/dialog";
import { PageBoundary } from "../parts/errors";
import { bareAlias, when } from "../parts/format";
import { KeyStateView } from "../parts/key-state";
import { PageState } from "../parts/page-state";
import { common, detailTexts as texts, keyTexts } from "../texts";
import { reservedDescription } from "./create-choices";
import { KeyActions } from "./key-actions";
import { lastUse } from "./key-each";
import { regionalityOf } from "./key-filter";
import { AliasesTab } from "./tabs/aliases";
import { CryptoTab } from "./tabs/crypto";
import { PolicyTab } from "./tabs/policy";
import { PublicKeyTab } from "./tabs/public-key";
import { TagsTab } from "./tabs/tags";

const GrantsTab = lazy(() => import("./tabs/grants"));
const RotationTab = lazy(() => import("./tabs/rotation"));
const RegionsTab = lazy(() => import("./tabs/regions"));
const UsageTab = lazy(() => import("./tabs/usage"));
const AuditTab = lazy(() => import("./tabs/audit"));

export interface TabProps {
  meta: KeyMetadata;
  reload: () => void;
}

const isHmac = (meta: KeyMetadata): boolean => meta.KeySpec.startsWith("HMAC_");
const isSymmetric = (meta: KeyMetadata): boolean => meta.KeySpec === "SYMMETRIC_DEFAULT";

/** The tabs that this kind of key has. */
function tabsOf(props: TabProps): TabsProps.Tab[] {
  const { meta } = props;
  const own = meta.KeyManager === "CUSTOMER";
  const tab = (id: keyof typeof texts.tabs, content: ReactNode): TabsProps.Tab => ({
    id,
    label: texts.tabs[id],
    content: (
      <PageBoundary>
        <Suspense fallback={<Spinner />}>{content}</Suspense>
      </PageBoundary>
    ),
  });
  const tabs = [tab("policy", <PolicyTab {...props} />), tab("crypto", <CryptoTab {...props} />)];
  if (own) tabs.push(tab("grants", <GrantsTab {...props} />), tab("tags", <TagsTab {...props} />));
  if (isSymmetric(meta)) tabs.push(tab("rotation", <RotationTab {...props} />));
  else if (meta.Origin === "EXTERNAL") tabs.push(tab("material", <RotationTab {...props} />));
  if (!isSymmetric(meta) && !isHmac(meta)) tabs.push(tab("publicKey", <PublicKeyTab {...props} />));
  if (own && meta.MultiRegion) tabs.push(tab("regions", <RegionsTab {...props} />));
  if (own) tabs.push(tab("aliases", <AliasesTab {...props} />));
  tabs.push(tab("usage", <UsageTab {...props} />), tab("audit", <AuditTab {...props} />));
  return tabs;
}

/** One key. */
export default function KeyPage({ keyId }: { keyId: string }) {
  const api = useApi();
  const key = useLoad((signal) => api.describe(keyId, signal), [api, keyId]);
  useTitle(keyId);
  if (key.error || !key.data) return <PageState title={keyId} loaded={key} keyId={keyId} />;
  return <KeyDetails meta={key.data} reload={key.reload} />;
}

function KeyDetails({ meta, reload }: TabProps) {
  const api = useApi();
  const url = useUrl();
  const [tab, setTab] = useQueryValue("tab", "policy", { leaves: true });
  const [describing, setDescribing] = useState(false);
  const own = meta.KeyManager === "CUSTOMER";
  const aliases = useLoad((signal) => api.aliases(meta.KeyId, signal), [api, meta]);
  const names = (aliases.data ?? []).map((one) => bareAlias(one.AliasName)).toSorted();
  const row = { id: meta.KeyId, arn: meta.Arn, aliases: names, meta };
  const pending = meta.KeyState === "PendingDeletion" || meta.KeyState === "PendingReplicaDeletion";
  const tabs = tabsOf({ meta, reload });
  // The tab of key material has one name or the other.
  const active = tabs.some((one) => one.id === tab) ? tab : tab === "rotation" && tabs.some((one) => one.id === "material") ? "material" : "policy";
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName="refresh" ariaLabel={common.refresh} onClick={reload} />
            <Button href={url(["use"], { key: meta.KeyId })} onFollow={follow}>
              {keyTexts.use}
            </Button>
            {own ? (
              <KeyActions
                rows={[row]}
                onDone={reload}
                extra={[{ id: "describe", text: texts.editDescription, disabled: pending }]}
                onExtra={() => setDescribing(true)}
              />
            ) : null}
          </SpaceBetween>
        }
      >
        {names[0] ?? meta.KeyId}
      </Header>
      <StateNote meta={meta} />
      <General meta={meta} names={names} own={own} />
      <Tabs activeTabId={active} onChange={({ detail }) => setTab(detail.activeTabId)} tabs={tabs} />
      {describing ? <DescriptionDialog meta={meta} onClose={() => setDescribing(false)} onDone={reload} /> : null}
    </SpaceBetween>
  );
}

function StateNote({ meta }: { meta: KeyMetadata }) {
  const url = useUrl();
  if (meta.KeyState === "PendingImport") {
    return (
      <Alert
        type="info"
        action={
          <Button onClick={() => navigate(url(["keys", meta.KeyId, "import"]))}>{texts.pendingImport.go}</Button>
        }
      >
        {texts.pendingImport.text}
      </Alert>
    );
  }
  if (meta.KeyState === "PendingDeletion") return <Alert type="warning">{texts.pendingDeletion(when(meta.DeletionDate))}</Alert>;
  return meta.KeyState === "Disabled" ? <Alert type="info">{texts.disabled}</Alert> : null;
}

interface GeneralProps {
  meta: KeyMetadata;
  names: string[];
  own: boolean;
}

function General({ meta, names, own }: GeneralProps) {
  const api = useApi();
  const usage = useLoad((signal) => api.kms("GetKeyLastUsage", { KeyId: meta.KeyId }, signal), [api, meta]);
  const [first] = names;
  return (
    <Container header={<Header variant="h2">{texts.general}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          {
            label: texts.alias,
            value: first === undefined ? common.none : names.length > 1 ? keyTexts.more(first, names.length - 1) : first,
          },
          { label: texts.status, value: <KeyStateView state={meta.KeyState} /> },
          { label: texts.created, value: when(meta.CreationDate) },
          { label: texts.arn, value: <Copyable text={meta.Arn} label={texts.arn} /> },
          { label: texts.description, value: meta.Description || common.none },
          { label: texts.regionality, value: regionalityOf(meta) },
          ...(own ? [{ label: texts.lastUsed, value: usage.loading ? <Spinner /> : lastUse(usage.data) }] : []),
          ...(meta.DeletionDate === undefined ? [] : [{ label: texts.deletionDate, value: when(meta.DeletionDate) }]),
        ]}
      />
    </Container>
  );
}

function DescriptionDialog({ meta, onClose, onDone }: { meta: KeyMetadata; onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [text, setText] = useState(meta.Description ?? "");
  return (
    <Dialog
      title={texts.editDescription}
      submit={common.save}
      keyId={meta.KeyId}
      ready={text.length <= 8192}
      dirty={text !== (meta.Description ?? "")}
      onClose={onClose}
      onDone={onDone}
      onSubmit={async () => {
        await api.kms("UpdateKeyDescription", { KeyId: meta.KeyId, Description: text });
      }}
    >
      <FormField label={texts.description} warningText={reservedDescription(text) ? texts.descriptionReserved : undefined}>
        <Textarea value={text} onChange={({ detail }) => setText(detail.value)} />
      </FormField>
    </Dialog>
  );
}
