import './message-page.css';
import { Component, type ReactNode } from 'react';

interface ErrorBoundaryState {
  readonly error: Error | null;
}

/** A defect of the page itself: says so instead of leaving it blank. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, ErrorBoundaryState> {
  static getDerivedStateFromError(error: Error): ErrorBoundaryState {
    return { error };
  }

  override readonly state: ErrorBoundaryState = { error: null };

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="message-page">
        <h1>The page has stopped</h1>
        <p>This is a defect in Duet. Your question and settings are kept. Please report it with this message:</p>
        <pre>{error.message}</pre>
        <p>
          <button type="button" className="message-page__action" onClick={() => location.reload()}>
            Load the page again
          </button>
        </p>
      </main>
    );
  }
}
