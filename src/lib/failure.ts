/**
 * An error with a stable code. `Code` is the product's union of codes; this class knows none of them.
 * Subclasses are thrown by the folder that finds the fault; `message` says what happened and what to do.
 */
export class Failure<Code extends string = string> extends Error {
  override readonly name: string = 'Failure';
  readonly code: Code;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: Code, message: string, details: Readonly<Record<string, string | number | boolean>> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
