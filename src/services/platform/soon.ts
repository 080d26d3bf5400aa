/** What is there at once, or comes: waiting for what is there costs more than most of what is done with it. */
export type Soon<Value> = Value | Promise<Value>;

/** Goes on with a value, at once if it is there. What fails is a promise that fails. */
export function soon<Value, Result>(
  value: Soon<Value>,
  goOn: (value: Value) => Soon<Result>,
): Soon<Result> {
  if (value instanceof Promise) return value.then(goOn);
  try {
    return goOn(value);
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
