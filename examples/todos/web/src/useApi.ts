import { useKindeAuth } from "@kinde-oss/kinde-auth-react";
import { isTokenExpired } from "@kinde-oss/kinde-auth-react/utils";
import { createContext, useContext, useMemo } from "react";

import { type Api, createApi } from "./api";

/** Asks for a new access token. */
export const RenewContext = createContext<() => Promise<void>>(async () => {});

/** The API, called with the current access token; a new object for each new token. */
export function useApi(): Api {
  const auth = useKindeAuth();
  const renew = useContext(RenewContext);

  return useMemo(() => {
    return createApi(async () => {
      // After a failed renewal, such as during an outage of the issuer, the SDK does not try again.
      if (await isTokenExpired()) await renew();
      return auth.getAccessToken();
    });
  }, [auth, renew]);
}
