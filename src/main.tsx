import './lib/dispose-polyfill.ts';
import '@mantine/core/styles.css';
import './ui/tokens.css';
import './app/theme.css';
import './app/touch.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { NotesApp } from './app/notes-app.tsx';
import { createRuntime } from './app/runtime.ts';
import { pageKeeper } from './client/page-keeper.ts';
import { readPageAddress } from './lib/page-address.ts';

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root element.');

// The presenter's notes need no engine.
const isNotes = readPageAddress(location.hash).path[0] === 'notes';
const page = isNotes ? <NotesApp /> : <App runtime={await createRuntime()} />;

createRoot(root).render(<StrictMode>{page}</StrictMode>);

void pageKeeper.start();
