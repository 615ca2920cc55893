/** The script of the server's page: microphone to AudioWorklet to WebSocket, as Vosk's clients speak. */
export const pageScript: string = `const at = (id) => document.getElementById(id);
/** Ends what runs; undefined when nothing does. */
let stop;

const show = (state, listening = false) => {
  at('state').textContent = state;
  at('button').textContent = listening ? 'Stop' : 'Listen';
  at('button').classList.toggle('stop', listening);
  at('level').hidden = !listening;
};

/** 16-bit samples, and how loud they are from 0 to 1. */
function samplesOf(heard) {
  const samples = new Int16Array(heard.length);
  let squares = 0;
  heard.forEach((value, i) => {
    squares += value * value;
    samples[i] = Math.max(-32768, Math.min(32767, Math.round(value * 32768)));
  });
  at('level').value = Math.max(0, 1 + Math.log10(Math.sqrt(squares / heard.length) + 1e-6) / 2.5);
  return samples;
}

async function microphone() {
  if (!navigator.mediaDevices?.getUserMedia)
    throw new Error('expected a page from https or localhost, as browsers give a microphone to no other');
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false },
    });
  } catch (error) {
    throw new Error(
      error.name === 'NotAllowedError'
        ? 'expected to be allowed the microphone, found it denied'
        : 'expected a microphone, found none that works (' + error.name + ')',
    );
  }
}

const clock = (s) => Math.floor(s / 60) + ':' + (s % 60).toFixed(1).padStart(4, '0');

function hear({ partial, text, result }) {
  at('partial').textContent = partial ?? '';
  if (partial || text) at('nothing').hidden = true;
  if (!text) return;
  const line = at('finals').appendChild(document.createElement('li'));
  if (result?.length) line.appendChild(document.createElement('time')).textContent = clock(result[0].start);
  const words = line.appendChild(document.createElement('span'));
  words.textContent = text;
  words.title = (result ?? []).map((w) => w.word + ' ' + w.start.toFixed(2) + '–' + w.end.toFixed(2)).join(', ');
}

async function listen() {
  at('error').textContent = '';
  show('Asking for the microphone …');
  const media = await microphone();
  const audio = new AudioContext();
  const release = () => {
    for (const track of media.getTracks()) track.stop();
    if (audio.state !== 'closed') audio.close();
  };
  try {
    await audio.audioWorklet.addModule('microphone.js');
    await audio.resume();
  } catch (error) {
    release();
    throw error;
  }
  show('Connecting …');
  // With what the page's own address says, such as ?token=WORD.
  const socket = new WebSocket(new URL(location.search, location.href).href.replace(/^http/, 'ws'));
  let opened = false;
  socket.onopen = () => {
    opened = true;
    socket.send(JSON.stringify({ config: { sample_rate: audio.sampleRate } }));
    const node = new AudioWorkletNode(audio, 'jebena-microphone', {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
      processorOptions: { seconds: 0.1 },
    });
    let running = false;
    node.port.onmessage = ({ data }) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (!data) return socket.send(JSON.stringify({ eof: 1 }));
      // Zeros until the device runs are no sound.
      const first = running ? 0 : data.findIndex((value) => value !== 0);
      running ||= first >= 0;
      if (running) socket.send(samplesOf(data.subarray(first)));
    };
    audio.createMediaStreamSource(media).connect(node);
    show('Listening: speak', true);
    stop = () => {
      show('Finishing …', true);
      node.port.postMessage(null);
    };
  };
  socket.onmessage = ({ data }) => hear(JSON.parse(data));
  socket.onclose = ({ reason, code }) => {
    release();
    stop = undefined;
    show('');
    at('partial').textContent = '';
    at('button').disabled = false;
    if (!opened)
      at('error').textContent =
        'expected the server to take a session, found it refused: it may be full, gone, or want a word (?token=WORD)';
    else if (code !== 1000) at('error').textContent = 'the server ended the session: ' + (reason || 'code ' + code);
  };
  await new Promise((resolve) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('close', resolve);
  });
}

at('button').onclick = async () => {
  if (stop) return stop();
  at('button').disabled = true;
  try {
    await listen();
  } catch (error) {
    show('');
    at('error').textContent = error.message;
  } finally {
    at('button').disabled = false;
  }
};
`;
