import { useKindeAuth } from "@kinde-oss/kinde-auth-react";
import { checkAuth, isTokenExpired } from "@kinde-oss/kinde-auth-react/utils";
import { createContext, useContext, useMemo } from "react";

import { type Api, createApi } from "./api";
import type { Config } from "./config";

export const ConfigContext = createContext<Config | null>(null);

/** The API, called with the access token of the moment; another object for every new token. */
export function useApi(): Api {
  const auth = useKindeAuth();
  const config = useContext(ConfigContext);

  return useMemo(() => {
    return createApi(async () => {
      if (config && (await isTokenExpired())) await renew(config);
      return auth.getAccessToken();
    });
  }, [auth, config]);
}

let renewal: Promise<unknown> | undefined;

/** After a renewal that failed, as when the issuer was down, the SDK asks no more; so what needs a token asks again. */
function renew({ domain, clientId }: Config): Promise<unknown> {
  renewal ??= checkAuth({ domain, clientId }).finally(() => {
    renewal = undefined;
  });
  return renewal;
}
