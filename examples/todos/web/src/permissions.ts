// The permissions of the signed-in user, from the access token.

import { useKindeAuth } from "@kinde-oss/kinde-auth-react";
import { has } from "@kinde-oss/kinde-auth-react/utils";
import { useEffect, useState } from "react";

import { messageOf } from "./api";

export type Requirement = Parameters<typeof has>[0];

/** The rules of the API, so that the page hides actions that would be refused. The API decides. */
export const CREATE_TODOS: Requirement = { permissions: ["create:todos"] };
export const UPDATE_TODOS: Requirement = { permissions: ["update:todos"] };
/** The further requirement for updating the todos of others. */
export const ADMIN: Requirement = { roles: ["admin"] };
export const DELETE_TODOS: Requirement = { permissions: ["delete:todos"], roles: ["admin"] };
export const MANAGE_USERS: Requirement = { permissions: ["manage:users"], roles: ["admin"] };

export interface Access {
  /** False until the SDK has answered, so that a forbidden action is never shown for a moment. */
  held: boolean;
  error?: string;
}

/**
 * Whether the token meets a requirement, which must be the same object each time.
 *
 * `has()` is asynchronous: its promise itself, as a condition, would always hold. The SDK makes a new context value
 * for every new token, so the answer is never older than the token.
 */
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
