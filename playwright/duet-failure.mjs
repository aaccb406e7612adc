/** What Duet refuses or fails at, with its code, on this side of the browser's connection. */
export class DuetFailure extends Error {
  /** @param {{ code: string, message: string, details: Readonly<Record<string, string | number | boolean>> }} failure */
  constructor({ code, message, details }) {
    super(`${code}: ${message}`);
    this.name = 'DuetFailure';
    this.code = code;
    this.details = details;
  }
}
