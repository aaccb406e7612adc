/** What steers a panel's run from outside of the panel; the app hands it from the panel to what needs it. */
export interface ThinkingControls {
  /** The text box changed. */
  readonly typed: (text: string) => void;
  /** Enter. */
  readonly submitted: (text: string) => void;
  readonly stop: () => Promise<void>;
  /** Stops and empties everything. */
  readonly reset: () => void;
}

export interface NegotiationControls {
  /** A new group about the chosen dilemma, pair and settings. */
  readonly start: () => void;
  /** What was said is kept. */
  readonly stop: () => void;
}
