import { useKindeAuth } from "@kinde-oss/kinde-auth-react";
import { Link } from "react-router-dom";

import { SignIn } from "./SignIn";

/** The page to which `ProtectedRoute` sends users without the required rights. */
export function UnauthorizedPage() {
  const { isAuthenticated, isLoading } = useKindeAuth();
  if (isLoading) return <p>Loading…</p>;
  return (
    <>
      <h1>You may not see that page</h1>
      {isAuthenticated ? (
        <>
          <p>
            It is for people with the permission <code>manage:users</code> and the role <code>admin</code>. If you were
            given them just now, they come with your next token.
          </p>
          <p>
            <Link to="/">Go to the todos</Link>
          </p>
        </>
      ) : (
        <>
          <p>You are not signed in.</p>
          <SignIn />
        </>
      )}
    </>
  );
}
