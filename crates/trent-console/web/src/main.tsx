import "@cloudscape-design/global-styles/index.css";
import "./styles.css";

import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { createRoot } from "react-dom/client";

import { App } from "./app/app";
import { Router } from "./app/router";

async function regions(): Promise<string[]> {
  const response = await fetch("/console/deployment.json");
  return ((await response.json()) as { regions: string[] }).regions;
}

async function start(): Promise<void> {
  const root = document.getElementById("root");
  if (!root) return;
  const served = await regions();
  createRoot(root).render(
    <I18nProvider locale="en" messages={[messages]}>
      <Router>
        <App regions={served} />
      </Router>
    </I18nProvider>,
  );
}

void start();
