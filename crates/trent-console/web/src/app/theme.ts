import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { useEffect } from "react";

import { usePreference } from "./preferences";

/** Dark or light: what the person chose, else what the system has. */
export function useTheme(): [boolean, (dark: boolean) => void] {
  const [dark, setDark] = usePreference("dark", matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => applyMode(dark ? Mode.Dark : Mode.Light), [dark]);
  return [dark, setDark];
}
