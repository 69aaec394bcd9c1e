import { useEffect, useState } from "react";

import { type Creator, messageOf } from "./api";
import { type Message, Notice } from "./Notice";
import { useApi } from "./useApi";

export function UsersPage() {
  const api = useApi();
  const [users, setUsers] = useState<Creator[]>();
  const [message, setMessage] = useState<Message>();

  useEffect(() => {
    let current = true;
    api.users().then(
      (users) => current && setUsers(users),
      (error: unknown) => current && setMessage({ kind: "failed", text: messageOf(error) }),
    );
    return () => {
      current = false;
    };
  }, [api]);

  return (
    <>
      <h1>Users</h1>
      <Notice message={message} />
      {users?.length === 0 && <p>Nobody has created a todo yet.</p>}
      {users && users.length > 0 && (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">User</th>
                <th scope="col">Todos</th>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <tr key={user.id}>
                  <td>
                    <code>{user.id}</code>
                  </td>
                  <td>{user.todos}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
