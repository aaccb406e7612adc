import { useState, type ReactElement } from 'react';
import { Failure } from '@/lib/failure.ts';
import { MAX_EVALUATION_FILE, readNegotiationReport } from '@/state/read-negotiation-evaluation.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import { FileButton } from '@/ui/file-button.tsx';
import { formatBytes } from '@/ui/format.ts';

interface OpenReportProps {
  readonly isDisabled: boolean;
  readonly onOpened: () => void;
}

/** Opens a report that was saved before; a file that cannot be read changes nothing. */
export function OpenReport({ isDisabled, onOpened }: OpenReportProps): ReactElement {
  const store = useAppStore();
  const [refusal, setRefusal] = useState<string | null>(null);
  const open = async (file: File): Promise<void> => {
    try {
      if (file.size > MAX_EVALUATION_FILE)
        throw new Failure('invalidConfig', `The file has ${formatBytes(file.size)}; reports have less.`);
      const report = readNegotiationReport(await file.text());
      store.getState().negotiationEvaluationEvents.opened(report, file.name);
      setRefusal(null);
      onOpened();
    } catch (error) {
      setRefusal(`${file.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return (
    <>
      <FileButton
        label="Open report"
        name="Saved report"
        accept=".json,application/json"
        title="Open a report that was saved as JSON"
        isDisabled={isDisabled}
        onFile={(file) => void open(file)}
      />
      {refusal !== null && (
        <p className="contest__refusal" role="alert">
          {refusal} What was shown is as it was.
        </p>
      )}
    </>
  );
}
