import { useKindeAuth } from "@kinde-oss/kinde-auth-react";
import { type FormEvent, useEffect, useRef, useState } from "react";

import { messageOf, type Todo } from "./api";
import { type Message, Notice } from "./Notice";
import { ADMIN, CREATE_TODOS, DELETE_TODOS, UPDATE_TODOS, useHas } from "./permissions";
import { TodoItem } from "./TodoItem";
import { useApi } from "./useApi";

export function TodoList() {
  const api = useApi();
  const { user } = useKindeAuth();
  const create = useHas(CREATE_TODOS);
  const update = useHas(UPDATE_TODOS);
  const admin = useHas(ADMIN);
  const remove = useHas(DELETE_TODOS);
  const [todos, setTodos] = useState<Todo[]>();
  const [message, setMessage] = useState<Message>();
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    let current = true;
    api.todos().then(
      (todos) => current && setTodos(todos),
      (error: unknown) => current && setMessage({ kind: "failed", text: messageOf(error) }),
    );
    return () => {
      current = false;
    };
  }, [api]);

  /** Runs an action, shows the sentence that it returns, and returns `true` if it succeeded. */
  async function attempt(action: () => Promise<string>): Promise<boolean> {
    try {
      setMessage({ kind: "done", text: await action() });
      return true;
    } catch (error) {
      setMessage({ kind: "failed", text: messageOf(error) });
      return false;
    }
  }

  const add = (title: string) =>
    attempt(async () => {
      const added = await api.create(title);
      setTodos((todos = []) => [...todos, added]);
      return `Added “${added.title}”.`;
    });

  const change = (todo: Todo, to: Partial<Pick<Todo, "title" | "done">>) =>
    attempt(async () => {
      const changed = await api.update(todo.id, to);
      setTodos((todos = []) => todos.map((other) => (other.id === changed.id ? changed : other)));
      return `Changed “${changed.title}”.`;
    });

  const discard = (todo: Todo) =>
    attempt(async () => {
      await api.remove(todo.id);
      setTodos((todos = []) => todos.filter((other) => other.id !== todo.id));
      // The button that had the focus is gone.
      heading.current?.focus();
      return `Deleted “${todo.title}”.`;
    });

  const failures = [create, update, admin, remove].flatMap(({ error }) => error ?? []);
  return (
    <section aria-labelledby="list">
      <h2 id="list" ref={heading} tabIndex={-1}>
        List
      </h2>
      <Notice message={message} />
      {failures.length > 0 && <p className="notice failed">Your permissions are not known: {failures[0]}</p>}
      {create.held && <NewTodo add={add} />}
      {todos?.length === 0 && <p>There is nothing to do.</p>}
      <ul className="todos">
        {todos?.map((todo) => (
          <TodoItem
            key={todo.id}
            todo={todo}
            {...(update.held && (admin.held || todo.createdBy === user?.id) && { change: (to) => change(todo, to) })}
            {...(remove.held && { discard: () => discard(todo) })}
          />
        ))}
      </ul>
    </section>
  );
}

function NewTodo({ add }: { add: (title: string) => Promise<boolean> }) {
  const [title, setTitle] = useState("");

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (await add(title)) setTitle("");
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <label htmlFor="title">New todo</label>
      <div className="row">
        <input id="title" value={title} onChange={(event) => setTitle(event.target.value)} autoComplete="off" />
        <button type="submit" className="primary">
          Add
        </button>
      </div>
    </form>
  );
}
