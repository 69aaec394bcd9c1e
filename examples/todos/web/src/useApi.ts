import { useKindeAuth } from "@kinde-oss/kinde-auth-react";
import { isTokenExpired } from "@kinde-oss/kinde-auth-react/utils";
import { createContext, useContext, useMemo } from "react";

import { type Api, createApi } from "./api";

/** Asks for a new access token. */
export const RenewContext = createContext<() => Promise<void>>(async () => {});

/** The API, called with the access token of the moment; another object for every new token. */
export function useApi(): Api {
  const auth = useKindeAuth();
  const renew = useContext(RenewContext);

  return useMemo(() => {
    return createApi(async () => {
      // After a renewal that failed, as when the issuer was down, the SDK asks no more.
      if (await isTokenExpired()) await renew();
      return auth.getAccessToken();
    });
  }, [auth, renew]);
}
