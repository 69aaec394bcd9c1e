import { KindeProvider } from "@kinde-oss/kinde-auth-react";
import { checkAuth } from "@kinde-oss/kinde-auth-react/utils";
import { type ComponentProps, type ReactNode, useMemo, useState } from "react";

import type { Config } from "./config";
import { RenewContext } from "./useApi";

type Callbacks = NonNullable<ComponentProps<typeof KindeProvider>["callbacks"]>;

/** The SDK's error for a missing session, with which every visit begins. */
const NO_SESSION = "No refresh token found";

/** Provides the SDK's session, and shows a failed sign-in. */
export function Session({ config, children }: { config: Config; children: ReactNode }) {
  const [problem, setProblem] = useState(refusal);

  // The SDK needs the same object each time.
  const callbacks = useMemo<Callbacks>(
    () => ({
      onError: ({ error, errorDescription }) => {
        if (errorDescription !== NO_SESSION) setProblem(explanation(error, errorDescription));
      },
      onEvent: (_event, state) => {
        if (state["success"] !== false) setProblem(undefined);
      },
    }),
    [],
  );

  const renew = useMemo(
    () =>
      oneAtATime(async () => {
        const { success } = await checkAuth({ domain: config.domain, clientId: config.clientId });
        if (success) setProblem(undefined);
      }),
    [config],
  );

  return (
    <KindeProvider {...config} callbacks={callbacks} forceChildrenRender>
      <RenewContext value={renew}>
        <p role="alert" className="notice failed">
          {problem}
        </p>
        {children}
      </RenewContext>
    </KindeProvider>
  );
}

/** Concurrent calls share one renewal. */
function oneAtATime(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= action().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** The error that the issuer sent the browser back with (RFC 6749 §4.1.2.1). */
function refusal(): string | undefined {
  const query = new URLSearchParams(window.location.search);
  const error = query.get("error");
  return error ? `Signing in did not work: ${query.get("error_description") ?? error}.` : undefined;
}

function explanation(error: string, description: string): string {
  switch (error) {
    case "ERR_CHECK_AUTH":
      return "Your session could not be restored. Sign in again.";
    case "ERR_REFRESH_TOKEN":
      return "Your session could not be renewed. You can go on until your access token expires.";
    default:
      return `Signing in did not work: ${description}.`;
  }
}
