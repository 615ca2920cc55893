import { microphoneWorklet } from '../microphone-worklet.js';
import { pageScript } from './page-script.js';

/** The page to try a server from: its text, its script and the worklet that reads the microphone. */
export const page: Readonly<Record<string, readonly [type: string, body: string]>> = {
  '/': [
    'text/html; charset=utf-8',
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Jebena: try this server</title>
<style>
  :root { color-scheme: light dark; --back: #f7f3ee; --card: #fffdfb; --text: #2a1f17; --soft: #6d5c4e; --line: #e2d8cd; --accent: #8a4b1f; --on: #fff; --bad: #a3231b; }
  @media (prefers-color-scheme: dark) {
    :root { --back: #16110d; --card: #211a14; --text: #f2e8dd; --soft: #b8a594; --line: #3b2f25; --accent: #e3a46b; --on: #201408; --bad: #ffb4a8; }
  }
  * { box-sizing: border-box; }
  body { margin: 0 auto; max-width: 44rem; padding: 1.5rem clamp(.75rem, 3vw, 2rem); background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
  h1 { margin: 0; font-size: 1.6rem; }
  p { margin: .3rem 0; }
  .soft, time { color: var(--soft); }
  main { margin-top: 1rem; padding: 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: .8rem; }
  .row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; }
  button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .4rem 1.2rem; border: 0; border-radius: .5rem; background: var(--accent); color: var(--on); cursor: pointer; }
  button:disabled { opacity: .5; cursor: default; }
  button.stop { background: var(--bad); color: var(--card); }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  meter { width: 7rem; height: 1.4rem; }
  #error { color: var(--bad); overflow-wrap: anywhere; }
  #heard { margin-top: 1rem; min-height: 6rem; padding: .7rem .9rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--back); font-size: 1.2rem; overflow-wrap: anywhere; }
  ol { list-style: none; margin: 0; padding: 0; }
  li { display: flex; gap: .75rem; align-items: baseline; }
  time { flex: none; font-size: .8rem; font-variant-numeric: tabular-nums; }
  #partial { color: var(--soft); }
  [hidden] { display: none; }
</style>
</head>
<body>
<h1>Jebena</h1>
<p class="soft">What you say is sent to this server and recognised there.</p>
<main>
  <div class="row">
    <button id="button" type="button">Listen</button>
    <meter id="level" min="0" max="1" value="0" aria-label="Loudness" hidden></meter>
    <span id="state" class="soft" role="status"></span>
  </div>
  <p id="error" role="alert"></p>
  <div id="heard">
    <ol id="finals" aria-live="polite"></ol>
    <p id="partial"></p>
    <p id="nothing" class="soft">What is heard appears here.</p>
  </div>
</main>
<noscript><p>This page needs JavaScript.</p></noscript>
<script type="module" src="page.js"></script>
</body>
</html>
`,
  ],
  '/page.js': ['text/javascript; charset=utf-8', pageScript],
  '/microphone.js': ['text/javascript; charset=utf-8', microphoneWorklet],
};
