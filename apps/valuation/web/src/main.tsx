// Entry of the page: puts the application into the document and starts the live connection.

import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { App } from './app.tsx';
import { connectLive } from './live.ts';
import { applyTheme } from './theme.ts';

applyTheme();
connectLive();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
