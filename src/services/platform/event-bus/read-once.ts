/**
 * Reads a message once for all subscribers that the bus hands it to one after another. They get the same
 * object, which nobody may change.
 */
export function readOnce<Value>(read: (message: string) => Value): (message: string) => Value {
  let last: { readonly message: string; readonly value: Value } | undefined;
  return (message) => {
    if (last === undefined || last.message !== message) last = { message, value: read(message) };
    return last.value;
  };
}
