import './message-page.css';
import type { ReactElement } from 'react';

/** Stands where the second panel will be. */
export function NegotiationPreview(): ReactElement {
  return (
    <main className="message-page">
      <h1>Negotiation is being built</h1>
      <p>
        Here two personas of one model will argue about a dilemma: one with numbers, one with empathy. When they agree,
        one of them writes the answer, and a judge scores it for Collective Agency, from 0 to 5: whether it widens what
        people can know, do and become, for themselves and for each other.
      </p>
      <p>
        The page will then train a small adapter on groups of such dialogues, in your browser, and show the same dilemma
        before and after.
      </p>
      <p>
        <a href="#/thinking">Back to Thinking</a>
      </p>
    </main>
  );
}
