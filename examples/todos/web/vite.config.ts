import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` serves the page and hands what is not its own to the API. It listens at the address that the local
// issuer has too, as its cookies would not reach a page at another host.
const api = "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [react()],
  server: {
    host: "127.0.0.1",
    proxy: { "/config.json": api, "/todos": api, "/admin/users": api },
  },
});
