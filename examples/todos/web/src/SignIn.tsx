import { useKindeAuth } from "@kinde-oss/kinde-auth-react";

export function SignIn() {
  const { login, register } = useKindeAuth();
  return (
    <div className="actions">
      <button type="button" className="primary" onClick={() => void login()}>
        Sign in
      </button>
      <button type="button" onClick={() => void register()}>
        Create account
      </button>
    </div>
  );
}
