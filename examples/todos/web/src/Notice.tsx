export type Message = { kind: "done" | "failed"; text: string };

/** Shows the result of the last action. Both elements always exist, as a screen reader announces changes of them. */
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
