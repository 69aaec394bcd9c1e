import { type FormEvent, useEffect, useRef, useState } from "react";

import type { Todo } from "./api";

interface Props {
  todo: Todo;
  /** Absent if the user may not change todos; likewise `discard`. */
  change?: (to: Partial<Pick<Todo, "title" | "done">>) => Promise<boolean>;
  discard?: () => Promise<boolean>;
}

export function TodoItem({ todo, change, discard }: Props) {
  const [draft, setDraft] = useState<string>();
  const edit = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);

  // The field that had the focus is gone.
  useEffect(() => {
    if (wasEditing.current && draft === undefined) edit.current?.focus();
    wasEditing.current = draft !== undefined;
  }, [draft]);

  if (change && draft !== undefined) {
    const save = async (event: FormEvent) => {
      event.preventDefault();
      if (await change({ title: draft })) setDraft(undefined);
    };
    return (
      <li>
        <form className="row" onSubmit={(event) => void save(event)}>
          <input
            aria-label={`New title of ${todo.title}`}
            value={draft}
            autoFocus
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && setDraft(undefined)}
          />
          <button type="submit" className="primary">
            Save
          </button>
          <button type="button" onClick={() => setDraft(undefined)}>
            Cancel
          </button>
        </form>
      </li>
    );
  }

  return (
    <li>
      <div className="row">
        <label className={todo.done ? "done" : ""}>
          <input
            type="checkbox"
            checked={todo.done}
            disabled={!change}
            onChange={(event) => void change?.({ done: event.target.checked })}
          />
          {todo.title}
        </label>
        {change && (
          <button ref={edit} type="button" aria-label={`Edit ${todo.title}`} onClick={() => setDraft(todo.title)}>
            Edit
          </button>
        )}
        {discard && (
          <button type="button" aria-label={`Delete ${todo.title}`} onClick={() => void discard()}>
            Delete
          </button>
        )}
      </div>
    </li>
  );
}
