import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` serves the page and proxies other requests to the API. It listens at the local issuer's host, as the
// issuer's cookies would not reach a page at another host.
const api = "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [react()],
  server: {
    host: "127.0.0.1",
    proxy: { "/config.json": api, "/todos": api, "/admin/users": api },
  },
});
