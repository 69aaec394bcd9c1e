// The server under test: its own process, with an empty database and an issuer of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";

const BINARY =
  process.env["TODOS_BINARY"] ?? fileURLToPath(new URL("../../../../target/debug/todos", import.meta.url));

export type Action =
  | { action: "rotate" | "replace_key" | "reset" }
  | { action: "fault"; endpoint: string; fault: "none" | "outage" | "slow" }
  | { action: "token_life" | "clock_skew"; seconds: number }
  | { action: "expired_tokens"; on: boolean }
  | { action: "revoke"; persona: string }
  | { action: "permissions"; persona: string; permissions: string[] };

export interface Answer {
  status: number;
  body: unknown;
}

export class Server {
  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
    readonly issuer: string,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(KINDE|TODOS)_/.test(name));
    const child = spawn(BINARY, {
      env: { ...Object.fromEntries(inherited), TODOS_ADDR: "127.0.0.1:0", ...settings },
      stdio: ["ignore", "pipe", "ignore"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = line.match(/^listening on (\S+)$/)?.[1];
      if (!url) continue;
      const config = await fetch(`${url}/config.json`);
      const { domain } = (await config.json()) as { domain: string };
      return new Server(child, url, domain);
    }
    throw new Error(`${BINARY} ended before it listened`);
  }

  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }

  /** Sets or clears a fault of the issuer. */
  async control(action: Action) {
    const answer = await fetch(`${this.issuer}/dev/control`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(action),
    });
    if (answer.status !== 204) throw new Error(`${JSON.stringify(action)}: ${answer.status} ${await answer.text()}`);
  }

  /** Returns the number of token requests to the issuer. */
  async tokenRequests(): Promise<number> {
    const state = await fetch(`${this.issuer}/dev/state`);
    return ((await state.json()) as { requests: { token: number } }).requests.token;
  }

  /** Calls the API without the page. */
  async call(method: string, path: string, token?: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  }
}
