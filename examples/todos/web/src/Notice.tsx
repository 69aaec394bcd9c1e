export type Message = { kind: "done" | "failed"; text: string };

/** Says what came of the last action. Both places are always there, as a screen reader listens to what changes. */
export function Notice({ message }: { message: Message | undefined }) {
  return (
    <>
      <p role="status" className="notice done">
        {message?.kind === "done" ? message.text : ""}
      </p>
      <p role="alert" className="notice failed">
        {message?.kind === "failed" ? message.text : ""}
      </p>
    </>
  );
}
