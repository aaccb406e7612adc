import './lib/dispose-polyfill.ts';
import '@mantine/core/styles.css';
import './ui/tokens.css';
import './app/theme.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { createRuntime } from './app/runtime.ts';
import { pageKeeper } from './client/page-keeper.ts';

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root element.');

const runtime = await createRuntime();

createRoot(root).render(
  <StrictMode>
    <App runtime={runtime} />
  </StrictMode>,
);

void pageKeeper.start();
