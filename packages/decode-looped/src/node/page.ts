/** The page to try a server from: its text, its script and the worklet that reads the microphone. */
export const page: Readonly<Record<string, readonly [type: string, body: string]>> = {
  '/': [
    'text/html; charset=utf-8',
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Jebena</title>
<style>
  body { font: 18px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
  button { font: inherit; padding: .4rem 1rem; }
  #partial { color: #777; }
</style>
<h1>Jebena</h1>
<p><button id="button">Listen</button> <span id="state" role="status"></span></p>
<div id="finals" aria-live="polite"></div>
<p id="partial"></p>
<script type="module" src="page.js"></script>
</html>
`,
  ],
  '/page.js': [
    'text/javascript; charset=utf-8',
    `const at = (id) => document.getElementById(id);
let stop;
async function listen() {
  const media = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const audio = new AudioContext();
  await audio.audioWorklet.addModule('microphone.js');
  const url = new URL(location.href.replace(/^http/, 'ws'));
  const socket = new WebSocket(url);
  const end = async () => {
    media.getTracks().forEach((track) => track.stop());
    if (audio.state !== 'closed') await audio.close();
  };
  stop = async () => {
    await end();
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ eof: 1 }));
  };
  socket.onopen = () => {
    socket.send(JSON.stringify({ config: { sample_rate: audio.sampleRate } }));
    const microphone = new AudioWorkletNode(audio, 'microphone', { numberOfOutputs: 0 });
    microphone.port.onmessage = ({ data }) => socket.readyState === WebSocket.OPEN && socket.send(data);
    audio.createMediaStreamSource(media).connect(microphone);
    at('state').textContent = 'listening';
    at('button').textContent = 'Stop';
  };
  socket.onmessage = ({ data }) => {
    const { partial, text } = JSON.parse(data);
    at('partial').textContent = partial ?? '';
    if (text) at('finals').appendChild(document.createElement('p')).textContent = text;
  };
  socket.onclose = ({ reason }) => {
    stop = undefined;
    end();
    at('state').textContent = reason;
    at('button').textContent = 'Listen';
  };
}
at('button').onclick = () =>
  (stop ? stop() : listen()).catch((error) => (at('state').textContent = error.message));
`,
  ],
  '/microphone.js': [
    'text/javascript; charset=utf-8',
    `// Sends a tenth of a second at a time, as 16-bit samples.
registerProcessor('microphone', class extends AudioWorkletProcessor {
  samples = new Int16Array(Math.round(sampleRate / 10));
  at = 0;
  process([[channel]]) {
    for (const value of channel ?? []) {
      this.samples[this.at++] = Math.max(-32768, Math.min(32767, Math.round(value * 32768)));
      if (this.at === this.samples.length) {
        this.port.postMessage(this.samples.slice().buffer);
        this.at = 0;
      }
    }
    return true;
  }
});
`,
  ],
};
