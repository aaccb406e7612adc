import { MantineProvider } from '@mantine/core';
import type { ReactElement } from 'react';
import { EngineProvider } from '@/client/engine-context.tsx';
import { ModelLoadingProvider } from '@/features/model/model-loading.tsx';
import { SharingProvider } from '@/features/sharing/sharing-context.tsx';
import { AppStoreProvider } from '@/state/use-app-state.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { Layout } from './layout.tsx';
import type { Runtime } from './runtime.ts';
import { pageColors, theme } from './theme.ts';

export function App({ runtime }: { readonly runtime: Runtime }): ReactElement {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={pageColors}>
      <ErrorBoundary>
        <AppStoreProvider value={runtime.store}>
          <EngineProvider value={runtime.duet}>
            <ModelLoadingProvider>
              <SharingProvider>
                <Layout />
              </SharingProvider>
            </ModelLoadingProvider>
          </EngineProvider>
        </AppStoreProvider>
      </ErrorBoundary>
    </MantineProvider>
  );
}
