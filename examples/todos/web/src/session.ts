// What the SDK knows of the person who is signed in, as hooks.
//
// The SDK makes a new context value for every new token, so what depends on that value is worked out anew for it.

import { useKindeAuth } from "@kinde-oss/kinde-auth-react";
import { checkAuth, has, isTokenExpired } from "@kinde-oss/kinde-auth-react/utils";
import { createContext, useContext, useEffect, useMemo, useState } from "react";

import { type Api, createApi, messageOf } from "./api";
import type { Config } from "./config";

export const ConfigContext = createContext<Config | null>(null);

export type Requirement = Parameters<typeof has>[0];

/** What the API asks for, so that the page offers nobody what would be refused. The API decides. */
export const CREATE_TODOS: Requirement = { permissions: ["create:todos"] };
export const UPDATE_TODOS: Requirement = { permissions: ["update:todos"] };
export const DELETE_TODOS: Requirement = { permissions: ["delete:todos"], roles: ["admin"] };
export const MANAGE_USERS: Requirement = { permissions: ["manage:users"], roles: ["admin"] };

export interface Access {
  /** False until the SDK has said otherwise: what may be forbidden is not shown for a moment first. */
  held: boolean;
  error?: string;
}

/** Whether the token meets a requirement. `has()` is asynchronous: its promise in a condition would always hold. */
export function useHas(requirement: Requirement): Access {
  const auth = useKindeAuth();
  const [access, setAccess] = useState<Access>({ held: false });

  useEffect(() => {
    let current = true;
    const answer = (access: Access) => {
      if (current) setAccess(access);
    };
    if (auth.isAuthenticated) {
      has(requirement).then(
        (held) => answer({ held }),
        (error: unknown) => answer({ held: false, error: messageOf(error) }),
      );
    } else {
      answer({ held: false });
    }
    return () => {
      current = false;
    };
  }, [auth, requirement]);

  return access;
}

/** The API, called with the access token of the moment; another one for every new token. */
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

/** The SDK gives up after one failed renewal, as when the issuer was down; so what needs a token asks once more. */
function renew({ domain, clientId }: Config): Promise<unknown> {
  renewal ??= checkAuth({ domain, clientId }).finally(() => {
    renewal = undefined;
  });
  return renewal;
}
