import { useKindeAuth } from "@kinde-oss/kinde-auth-react";

import { PermissionsPanel } from "./PermissionsPanel";
import { SignIn } from "./SignIn";
import { TodoList } from "./TodoList";

export function TodosPage() {
  const { isAuthenticated, isLoading } = useKindeAuth();
  if (isAuthenticated) {
    return (
      <>
        <h1>Todos</h1>
        <div className="columns">
          <TodoList />
          <PermissionsPanel />
        </div>
      </>
    );
  }
  return (
    <>
      <h1>Todos</h1>
      {isLoading ? (
        <p>Loading…</p>
      ) : (
        <>
          <p>The todos of your organisation. What you can do with them is up to the permissions in your access token.</p>
          <SignIn />
        </>
      )}
    </>
  );
}
