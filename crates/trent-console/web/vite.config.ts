import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// For `npm run dev`: where a Trent answers the calls of the pages.
const api = "http://127.0.0.1:8080";

/**
 * The design system's style sheet has its fonts in it, as data: URLs. Here they become files: they are a third smaller,
 * only those that a page uses are loaded, and the content security policy need not allow data: fonts.
 */
function fontFiles(): Plugin {
  return {
    name: "font-files",
    enforce: "post",
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
        const text = typeof file.source === "string" ? file.source : new TextDecoder().decode(file.source);
        file.source = text.replace(/data:font\/woff2;base64,([A-Za-z0-9+/=]+)/g, (_whole, base64: string) => {
          const source = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          const reference = this.emitFile({ type: "asset", name: "open-sans.woff2", source });
          return `/console/${this.getFileName(reference)}`;
        });
      }
    },
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [react(), fontFiles()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
    // What the pages are made of, and under which terms: /console/licenses.txt.
    license: { fileName: "licenses.txt" },
  },
  server: { proxy: { "^/$": api, "/console/deployment.json": api } },
});
