import { useKindeAuth } from "@kinde-oss/kinde-auth-react";
import { ProtectedRoute } from "@kinde-oss/kinde-auth-react/react-router";
import { useEffect, useRef } from "react";
import { Navigate, NavLink, Route, Routes, useLocation } from "react-router-dom";

import { MANAGE_USERS, useHas } from "./permissions";
import { TodosPage } from "./TodosPage";
import { UnauthorizedPage } from "./UnauthorizedPage";
import { UsersPage } from "./UsersPage";

export function App() {
  const main = useFocusAfterNavigation();
  return (
    <>
      <Header />
      <main ref={main} tabIndex={-1}>
        <Routes>
          <Route path="/" element={<TodosPage />} />
          <Route
            path="/admin"
            element={
              <ProtectedRoute has={MANAGE_USERS} fallbackPath="/unauthorized">
                <UsersPage />
              </ProtectedRoute>
            }
          />
          <Route path="/unauthorized" element={<UnauthorizedPage />} />
          <Route path="*" element={<Navigate to="/" replace />} />
        </Routes>
      </main>
    </>
  );
}

function Header() {
  const { isAuthenticated, user, logout } = useKindeAuth();
  const mayManageUsers = useHas(MANAGE_USERS);
  if (!isAuthenticated) return null;
  const name = [user?.givenName, user?.familyName].filter(Boolean).join(" ");
  return (
    <header>
      <nav aria-label="Pages">
        <NavLink to="/">Todos</NavLink>
        {mayManageUsers.held && <NavLink to="/admin">Users</NavLink>}
      </nav>
      <p className="who">{name || user?.email || user?.id}</p>
      <button type="button" onClick={() => void logout()}>
        Sign out
      </button>
    </header>
  );
}

/** Moves the focus to the new page, for keyboards and screen readers. */
function useFocusAfterNavigation() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current !== pathname) main.current?.focus();
    shown.current = pathname;
  }, [pathname]);
  return main;
}
