import { useKindeAuth } from "@kinde-oss/kinde-auth-react";
import { useEffect, useState } from "react";

import { messageOf } from "./api";

/** The permissions that the API knows; other permissions of the token are listed after them. */
const KNOWN = ["read:todos", "create:todos", "update:todos", "delete:todos", "manage:users", "read:reports"];

interface Granted {
  orgCode: string | null;
  permissions: { key: string; isGranted: boolean }[];
}

/** The grants of the access token, on which alone the API decides. */
export function PermissionsPanel() {
  const { getPermission, getPermissions } = useKindeAuth();
  const [granted, setGranted] = useState<Granted>();
  const [error, setError] = useState<string>();

  useEffect(() => {
    let current = true;
    async function read() {
      const { orgCode, permissions } = await getPermissions();
      // The SDK passes the claim on unchecked; for a string, `includes` would find every substring.
      if (!Array.isArray(permissions)) throw new Error("the token has no list of them.");
      const keys = new Set([...KNOWN, ...permissions]);
      const asked = await Promise.all([...keys].map((key) => getPermission(key)));
      const answers = asked.map(({ permissionKey, isGranted }) => ({ key: permissionKey, isGranted }));
      if (current) setGranted({ orgCode, permissions: answers });
    }
    read().then(
      () => current && setError(undefined),
      (error: unknown) => current && setError(messageOf(error)),
    );
    return () => {
      current = false;
    };
  }, [getPermission, getPermissions]);

  return (
    <section aria-labelledby="permissions">
      <h2 id="permissions">Your permissions</h2>
      {error && (
        <p role="alert" className="notice failed">
          They cannot be read: {error}
        </p>
      )}
      {granted && (
        <>
          <p>
            Organisation: <code>{granted.orgCode ?? "none"}</code>
          </p>
          <ul className="permissions">
            {granted.permissions.map(({ key, isGranted }) => (
              <li key={key} className={isGranted ? "granted" : "not-granted"}>
                <code>{key}</code> {isGranted ? "granted" : "not granted"}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
