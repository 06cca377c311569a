import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// For `npm run dev`: where a Trent answers the calls of the pages.
const api = "http://127.0.0.1:8080";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
  },
  server: { proxy: { "^/$": api, "/console/deployment.json": api } },
});
