/**
 * An evaluation as one HTML file that needs nothing else: no script, no address of elsewhere, every text escaped. Its
 * policy forbids what it does not need, so that even a fault in the escaping could not load or run anything.
 */
import type { NegotiationEvaluationReport } from '@/protocol/negotiation-evaluation.ts';
import { NEGOTIATION_FIELDS, NEGOTIATION_KEYS } from '@/protocol/negotiation-fields.ts';
import { totalOfPlan } from '@/state/negotiation-evaluation-view.ts';
import { formatDate } from '@/ui/format.ts';
import { dilemmaAnswers, outcomeText, verdictText, type AnswerRun, type DilemmaAnswers } from './dilemma-answers.ts';
import { factsOfReport, HOW_IT_WAS_MADE, paperSentence } from './report-facts.ts';
import {
  abilityTable,
  alignmentTable,
  contestantsTable,
  resolutionTable,
  winRateNotes,
  type ResultCell,
  type ResultTable,
} from './result-tables.ts';
import { REPORT_STYLE } from './report-style.ts';
import { plotAlternative, plotRows, SHAPES, winRatePlot, type PlotMark } from './win-rate-plot.ts';

const PLOT_WIDTH = 900;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe as content and within a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

const e = escapeHtml;

/** The whole document. */
export function reportHtml(report: NegotiationEvaluationReport): string {
  const { plan, pieces, summary, model, createdAt } = report;
  const { contestants } = plan;
  const title = `Evaluation of negotiations: ${model.name}`;
  const total = totalOfPlan(plan);
  const missing = pieces.length < total ? `<p class="note">Not complete: ${pieces.length} of ${total} parts.</p>` : '';
  const results = { contestants, summary };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${e(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<h1>${e(title)}</h1>
<p class="note">${e(formatDate(createdAt))}. Made by Duet on the page’s own device.</p>
${missing}
${tableHtml(contestantsTable(results))}
${winRatesHtml(report)}
${tableHtml(alignmentTable(results))}
${tableHtml(resolutionTable(results))}
${winRateNotes(summary.winRates)
  .map((note) => `<p class="note">${e(note)}</p>`)
  .join('\n')}
${tableHtml(abilityTable(results))}
<p class="note">${e(paperSentence())}</p>
<h2>Dilemmas and answers</h2>
${dilemmaAnswers(report).map(dilemmaHtml).join('\n')}
<h2>How it was made</h2>
${HOW_IT_WAS_MADE.map((sentence) => `<p>${e(sentence)}</p>`).join('\n')}
${definitions([...factsOfReport(report), ...settingsOf(report)])}
${promptsHtml(report)}
</main>
</body>
</html>
`;
}

function tableHtml({ title, gloss, columns, rows }: ResultTable): string {
  if (rows.length === 0) return '';
  const head = columns
    .map(
      ({ label, isPaper }) => `<th scope="col"${isPaper ? ' class="paper"' : ''}>${e(label)}${paperTag(isPaper)}</th>`,
    )
    .join('');
  const body = rows
    .map(
      (row) =>
        `<tr${row.isPaper ? ' class="paper"' : ''}><th scope="row">${e(row.head)}${paperTag(row.isPaper)}${small(row.headDetail)}</th>${row.cells.map(cellHtml).join('')}</tr>`,
    )
    .join('\n');
  return `<h2>${e(title)}</h2>
<div class="scroll"><table>
<caption>${e(gloss)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>`;
}

function paperTag(isPaper: boolean): string {
  return isPaper ? ' <span class="tag">paper</span>' : '';
}

function cellHtml({ text, detail, isPaper }: ResultCell): string {
  return `<td${isPaper ? ' class="paper"' : ''}>${e(text)}${small(detail)}</td>`;
}

function small(text: string): string {
  return text === '' ? '' : `<small>${e(text)}</small>`;
}

function winRatesHtml({ plan, summary }: NegotiationEvaluationReport): string {
  const rows = plotRows(summary.winRates, plan.contestants);
  if (rows.length === 0) return '';
  const { width, height, marks } = winRatePlot(rows, PLOT_WIDTH);
  return `<h2>Win rates</h2>
<div class="scroll"><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${e(plotAlternative(rows))}">
${marks.map(markSvg).join('\n')}
</svg></div>`;
}

function markSvg(mark: PlotMark): string {
  switch (mark.kind) {
    case 'line': {
      const [[x1, y1], [x2, y2]] = [mark.from, mark.to];
      return `<line class="${mark.look}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
    }
    case 'shape':
      return `<path class="${mark.look}" d="${SHAPES[mark.look]}" transform="translate(${mark.x} ${mark.y})"/>`;
    case 'text':
      return `<text class="${mark.look}" x="${mark.x}" y="${mark.y}" text-anchor="${mark.anchor}">${e(mark.text)}</text>`;
    default:
      return mark satisfies never;
  }
}

function dilemmaHtml({ dilemma, runs }: DilemmaAnswers): string {
  return `<details><summary>${e(dilemma.goal)}</summary>
<p>${e(dilemma.prompt)}</p>
${runs.map(runHtml).join('\n')}
</details>`;
}

function runHtml({ name, pair, answers, verdicts }: AnswerRun): string {
  const goals =
    pair === null
      ? ''
      : `<p class="note">Persona 1: ${e(pair.persona1)}</p>\n<p class="note">Persona 2: ${e(pair.persona2)}</p>`;
  const columns = answers
    .map((piece) => {
      const said = piece.record.utterances.map(
        ({ role, text }) => `<li><b>${role === 'agent1' ? 'Persona 1' : 'Persona 2'}:</b> ${e(text)}</li>`,
      );
      const dialogue =
        said.length === 0 ? '' : `<details><summary>Dialogue</summary><ol>${said.join('\n')}</ol></details>`;
      return `<article><h4>${e(piece.contestant)} ${small(outcomeText(piece))}</h4>
<p>${e(piece.record.completion?.text ?? 'No answer.')}</p>
${dialogue}</article>`;
    })
    .join('\n');
  const judged = verdicts
    .map(verdictText)
    .map(
      ({ aspect, pair: names, result, orders }) =>
        `<li>${e(names)}, ${e(aspect)}: <b>${e(result)}</b>. ${e(orders.join('; '))}.</li>`,
    );
  return `<h3>${e(name)}</h3>
${goals}
<div class="answers">${columns}</div>
${judged.length === 0 ? '' : `<ul>${judged.join('\n')}</ul>`}`;
}

function settingsOf({ plan: { settings } }: NegotiationEvaluationReport): readonly (readonly [string, string])[] {
  return NEGOTIATION_KEYS.map((key) => [NEGOTIATION_FIELDS[key].label, valueText(settings[key])]);
}

function valueText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

function definitions(facts: readonly (readonly [string, string])[]): string {
  return `<dl>${facts.map(([name, value]) => `<div><dt>${e(name)}</dt><dd>${e(value)}</dd></div>`).join('\n')}</dl>`;
}

function promptsHtml({ plan: { templates } }: NegotiationEvaluationReport): string {
  const edited = Object.entries(templates);
  if (edited.length === 0) return '<p class="note">All prompts are Duet’s own.</p>';
  return edited
    .map(([id, text]) => `<details><summary>Edited prompt: ${e(id)}</summary><pre>${e(text)}</pre></details>`)
    .join('\n');
}
