// The API, and its answers as sentences for people.

export interface Todo {
  id: number;
  title: string;
  done: boolean;
  createdBy: string;
}

export interface Creator {
  id: string;
  todos: number;
}

/** The parts of a problem body (RFC 9457) that the page shows. */
interface Problem {
  detail?: string;
  /** The missing keys by kind; with status 403 only. */
  missing?: Record<string, unknown>;
}

export type Api = ReturnType<typeof createApi>;

export function createApi(accessToken: () => Promise<string | undefined>) {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = new Headers({ Authorization: `Bearer ${await accessToken()}` });
    if (body !== undefined) headers.set("Content-Type", "application/json");
    const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(path, request).catch(() => {
      throw new Error("The API cannot be reached. Check the connection and try again.");
    });
    if (!response.ok) throw new Error(await sentence(response));
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  return {
    todos: () => call<Todo[]>("GET", "/todos"),
    create: (title: string) => call<Todo>("POST", "/todos", { title }),
    update: (id: number, change: Partial<Pick<Todo, "title" | "done">>) =>
      call<Todo>("PATCH", `/todos/${id}`, change),
    remove: (id: number) => call<void>("DELETE", `/todos/${id}`),
    users: () => call<Creator[]>("GET", "/admin/users"),
  };
}

async function sentence(response: Response): Promise<string> {
  const problem: Problem = await response.json().catch(() => ({}));
  const detail = problem.detail ?? `The API answered ${response.status}.`;
  switch (response.status) {
    case 401:
      return `The API does not accept your session: ${detail} Sign in again.`;
    case 403:
      return `You may not do this: ${detail}${missing(problem.missing)}`;
    case 503: {
      const seconds = response.headers.get("Retry-After");
      return `The API is not ready: ${detail}${seconds ? ` Wait ${seconds} s.` : ""}`;
    }
    default:
      return detail;
  }
}

/** `{"permissions": ["a"], "roles": ["b"]}` as ` Missing: permissions a; roles b.` */
function missing(facts: Problem["missing"]): string {
  const lists = Object.entries(facts ?? {}).flatMap(([kind, keys]) =>
    Array.isArray(keys) ? [`${kind.replaceAll("_", " ")} ${keys.map(name).join(", ")}`] : [],
  );
  return lists.length > 0 ? ` Missing: ${lists.join("; ")}.` : "";
}

/** Keys are text, apart from feature flags, which are objects with a name. */
function name(key: unknown): string {
  return typeof key === "object" && key !== null && "name" in key ? String(key.name) : String(key);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
