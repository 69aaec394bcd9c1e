// The settings of sign-in. `VITE_KINDE_…`, set when the page is built, comes before the server's `/config.json`.

export interface Config {
  /** The issuer's URL, without a slash at the end. */
  domain: string;
  clientId: string;
  /** The API's identifier, for which the access token is issued; several are separated by spaces. */
  audience: string;
  redirectUri: string;
  logoutUri: string;
  /** Keeps the refresh token in local storage instead of the issuer's cookie. */
  useInsecureForRefreshToken: boolean;
}

export async function loadConfig(): Promise<Config> {
  if (!window.isSecureContext) {
    throw new Error("Signing in needs a secure page: open it over https, or at 127.0.0.1.");
  }
  const built = fromBuild();
  const complete = built.domain && built.clientId && built.audience;
  const { domain, clientId, audience, ...rest } = { ...(complete ? {} : await fromServer()), ...built };
  if (!domain || !clientId) {
    throw new Error("The server does not say where to sign in: it needs TODOS_CLIENT_ID.");
  }
  if (!audience) {
    throw new Error("Nothing says which API the token is for: build the page with VITE_KINDE_AUDIENCE, too.");
  }
  const { origin } = window.location;
  return {
    domain: withScheme(domain),
    clientId,
    audience,
    redirectUri: origin,
    logoutUri: origin,
    useInsecureForRefreshToken: false,
    ...rest,
  };
}

function fromBuild(): Partial<Config> {
  const env = import.meta.env;
  return {
    ...(env.VITE_KINDE_DOMAIN && { domain: env.VITE_KINDE_DOMAIN }),
    ...(env.VITE_KINDE_CLIENT_ID && { clientId: env.VITE_KINDE_CLIENT_ID }),
    ...(env.VITE_KINDE_AUDIENCE && { audience: env.VITE_KINDE_AUDIENCE }),
    ...(env.VITE_KINDE_REDIRECT_URL && { redirectUri: env.VITE_KINDE_REDIRECT_URL }),
    ...(env.VITE_KINDE_LOGOUT_URL && { logoutUri: env.VITE_KINDE_LOGOUT_URL }),
    ...(env.VITE_KINDE_INSECURE_REFRESH && { useInsecureForRefreshToken: true }),
  };
}

async function fromServer(): Promise<Partial<Config>> {
  const response = await fetch("/config.json");
  if (response.status === 404) return {};
  if (!response.ok) throw new Error(`The server does not say where to sign in: ${response.status}.`);
  return response.json();
}

function withScheme(domain: string): string {
  const url = /^https?:\/\//.test(domain) ? domain : `https://${domain}`;
  return url.replace(/\/+$/, "");
}
