import "./style.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router-dom";

import { messageOf } from "./api";
import { App } from "./App";
import { loadConfig } from "./config";
import { Session } from "./Session";

const root = createRoot(document.getElementById("root") ?? document.body);

try {
  const config = await loadConfig();
  root.render(
    <StrictMode>
      <Session config={config}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </Session>
    </StrictMode>,
  );
} catch (error) {
  root.render(
    <main>
      <h1>Todos</h1>
      <p role="alert">{messageOf(error)}</p>
    </main>,
  );
}

// A page restored from the browser's cache after a visit to the issuer still shows that it is leaving.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
