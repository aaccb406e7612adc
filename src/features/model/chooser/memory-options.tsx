import { Button, NumberInput, Select } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { LoadOptions } from '@/protocol/model.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';
import type { MemoryProbe } from './use-memory-probe.ts';

/** What every load of the chooser is asked for. */
export type ChosenOptions = Required<Pick<LoadOptions, 'contextLength' | 'kvType' | 'quantization'>>;

const CONTEXT = { min: 256, max: 131_072, step: 256 };

interface MemoryOptionsProps {
  readonly options: ChosenOptions;
  readonly onChange: (options: ChosenOptions) => void;
  readonly probe: MemoryProbe;
}

/** What a load takes depends on this, whatever is loaded; and what there is. */
export function MemoryOptions({ options, onChange, probe }: MemoryOptionsProps): ReactElement {
  const change = (changed: Partial<ChosenOptions>): void => onChange({ ...options, ...changed });
  return (
    <section className="memory-options" aria-label="Memory">
      <div className="memory-options__fields">
        <ContextField value={options.contextLength} onChange={(contextLength) => change({ contextLength })} />
        <Select
          label="Cache"
          description="f16 takes half of f32"
          data={[
            { value: 'auto', label: 'auto' },
            { value: 'f32', label: 'f32' },
            { value: 'f16', label: 'f16' },
          ]}
          allowDeselect={false}
          value={options.kvType}
          onChange={(kvType) => change({ kvType: kvType ?? 'auto' })}
        />
        <Select
          label="Quantise"
          description="at load: f32, f16 and bf16"
          data={[
            { value: 'none', label: 'no' },
            { value: 'q8', label: '8 bits' },
            { value: 'q4', label: '4 bits' },
          ]}
          allowDeselect={false}
          value={options.quantization}
          onChange={(quantization) => change({ quantization: quantization ?? 'none' })}
        />
      </div>
      <MeasureLine probe={probe} />
    </section>
  );
}

interface ContextFieldProps {
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** What is typed counts once it is in range; what never was gives way to what counts. */
function ContextField({ value, onChange }: ContextFieldProps): ReactElement {
  const [typed, setTyped] = useState<number | string | null>(null);
  const isOut = typeof typed === 'number' && (typed < CONTEXT.min || typed > CONTEXT.max);
  return (
    <NumberInput
      label="Context"
      description="tokens in all"
      {...CONTEXT}
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="none"
      thousandSeparator=","
      value={typed ?? value}
      error={isOut ? `${CONTEXT.min} to ${CONTEXT.max.toLocaleString('en')}` : undefined}
      onChange={(changed) => {
        setTyped(changed);
        if (typeof changed === 'number' && changed >= CONTEXT.min && changed <= CONTEXT.max) onChange(changed);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

function MeasureLine({ probe }: { readonly probe: MemoryProbe }): ReactElement {
  const measurement = useAppState((state) => state.memoryMeasurement);
  const isAvailable = useAppState((state) => state.model.device?.available === true);
  return (
    <div className="memory-options__measure">
      <p role="status">
        {measurement === null ? (
          'Browsers do not tell how much GPU memory there is. Measuring takes up to 8.6 GB for a moment; what is loaded stays.'
        ) : (
          <>
            <strong>
              {measurement.isAtLeast ? 'At least ' : ''}
              {formatBytes(measurement.freeBytes)}
            </strong>{' '}
            of GPU memory were found free for a model, what the loaded one gives back included.
          </>
        )}
      </p>
      {probe.isMeasuring ? (
        <Button variant="default" onClick={probe.cancel}>
          Stop measuring
        </Button>
      ) : (
        <Button variant="default" disabled={!isAvailable} onClick={probe.measure}>
          {measurement === null ? 'Measure memory' : 'Measure again'}
        </Button>
      )}
      {probe.failure !== null && <Notice what="The memory was not measured" {...probe.failure} />}
    </div>
  );
}
