import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type SubmitEvent, useState } from "react";

import { ErrorBox } from "../parts/errors";
import { signInTexts as texts } from "../texts";
import { useAction } from "./load";
import { navigate, placeUrl, usePlace } from "./router";
import { signIn, useSessionState } from "./session";
import { useTitle } from "./shell";
import { useTheme } from "./theme";

const HOURS = [1, 4, 12];
const HOUR_S = 3600;

export function SignIn({ regions }: { regions: string[] }) {
  useTitle(texts.title);
  useTheme();
  const { ended } = useSessionState();
  const place = usePlace();
  const home = regions.includes("us-east-1") ? "us-east-1" : (regions[0] ?? "");
  const [id, setId] = useState("");
  const [secret, setSecret] = useState("");
  const [token, setToken] = useState("");
  const [region, setRegion] = useState(regions.includes(place.region) ? place.region : home);
  const [hours, setHours] = useState(12);
  const [missing, setMissing] = useState(false);
  const { running, error, run } = useAction();

  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setMissing(id.trim() === "" || secret.trim() === "");
    if (id.trim() === "" || secret.trim() === "") return;
    await run(async () => {
      const given = { accessKeyId: id.trim(), secretAccessKey: secret.trim(), sessionToken: token.trim() || undefined };
      await signIn(given, region, hours * HOUR_S);
      if (place.account && place.region !== region) navigate(placeUrl(place.account, region, place.path.slice(0, 1)), { replace: true });
      else if (!place.account) navigate(placeUrl("", region, place.path), { replace: true });
    });
  };

  return (
    <main className="trent-sign-in">
      <form onSubmit={(event) => void submit(event)} autoComplete="off">
        <Form
          actions={
            <Button variant="primary" formAction="submit" loading={running}>
              {texts.submit}
            </Button>
          }
        >
          <SpaceBetween size="l">
            {ended ? <Alert type="info">{texts[ended]}</Alert> : null}
            <Container header={<Header variant="h1">{texts.title}</Header>}>
              <SpaceBetween size="l">
                <Box color="text-body-secondary">{texts.intro}</Box>
                <FormField label={texts.accessKeyId} errorText={missing && id.trim() === "" ? texts.needed : undefined}>
                  <Input value={id} onChange={({ detail }) => setId(detail.value)} autoFocus autoComplete={false} spellcheck={false} name="access-key-id" />
                </FormField>
                <FormField label={texts.secretAccessKey} errorText={missing && secret.trim() === "" ? texts.needed : undefined}>
                  <Input type="password" value={secret} onChange={({ detail }) => setSecret(detail.value)} autoComplete={false} name="secret" />
                </FormField>
                <FormField label={texts.region}>
                  <Select
                    selectedOption={{ value: region, label: region }}
                    options={regions.map((value) => ({ value, label: value }))}
                    onChange={({ detail }) => setRegion(detail.selectedOption.value ?? home)}
                    filteringType="auto"
                  />
                </FormField>
                <FormField label={texts.duration} description={texts.rootNote}>
                  <Select
                    selectedOption={{ value: String(hours), label: texts.hours(hours) }}
                    options={HOURS.map((value) => ({ value: String(value), label: texts.hours(value) }))}
                    onChange={({ detail }) => setHours(Number(detail.selectedOption.value))}
                  />
                </FormField>
                <ExpandableSection headerText={texts.sessionToken}>
                  <FormField label={texts.sessionToken} description={texts.sessionTokenHint}>
                    <Input type="password" value={token} onChange={({ detail }) => setToken(detail.value)} autoComplete={false} name="token" />
                  </FormField>
                </ExpandableSection>
              </SpaceBetween>
            </Container>
            <ErrorBox error={error} final />
          </SpaceBetween>
        </Form>
      </form>
    </main>
  );
}
