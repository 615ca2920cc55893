import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TransitionModel, arpaToFst, hmmTopology, lexiconFst, makeGraph } from '@jebena/hmm';
import {
  arcSort,
  compose,
  determinize,
  determinizeStar,
  minimize,
  minimizeEncoded,
  readFst,
  writeFst,
} from '@jebena/wfst';
import { pythonWith, runPython } from '../test/support/python.mjs';
import { bigLanguage, ruleTree } from './support/big-language.mjs';

const say = (text) => process.stdout.write(`${text}\n`);

/** Best of three, in seconds, and what came of it. */
function best(work) {
  let [least, result] = [Infinity];
  for (let i = 0; i < 3; i++) {
    const begun = performance.now();
    result = work();
    least = Math.min(least, (performance.now() - begun) / 1000);
  }
  return [least, result];
}

const inKaldi = `
import sys, time, kaldifst
folder = sys.argv[1]
def best(name, work):
    least = 1e9
    for _ in range(3):
        fst = kaldifst.StdVectorFst.read(folder + '/' + name)
        begun = time.perf_counter(); work(fst); least = min(least, time.perf_counter() - begun)
    return least, fst.num_states
print(*best('log.fst', lambda f: kaldifst.determinize_star(f, use_log=True)), *best('det.fst', lambda f: kaldifst.minimize_encoded(f)))
`;

/** Compares what graphs are built with, on the LG of a lexicon of 20,000 words. */
function operations(folder, ngrams) {
  const at = (name) => join(folder, name);
  const { language, model } = bigLanguage({ ngrams });
  const grammar = arpaToFst(model, { disambig: language.wordDisambig });
  const lexicon = arcSort(lexiconFst(language, { disambig: true }), { by: 'olabel' });
  writeFileSync(at('l.fst'), writeFst(lexicon));
  writeFileSync(at('g.fst'), writeFst(grammar));
  const line = (what, ours, theirs, whose, states) =>
    say(
      `  ${what}: ${ours.toFixed(2)} s, ${states} states${theirs ? `; ${whose} ${theirs.toFixed(2)} s, ratio ${(theirs / ours).toFixed(2)}` : ''}`,
    );
  const tools = spawnSync('fstinfo', ['--help']).error === undefined;
  if (!tools) say("  OpenFst's tools are not installed: no comparison with them");
  /** A tool's time from file to file, against the same work here, files and all. */
  const against = (what, tool, inputs, operation, output) => {
    const [ours, made] = best(() => {
      const fst = operation(...inputs.map((name) => readFst(readFileSync(at(name)))));
      writeFileSync(at(output), writeFst(fst));
      return fst;
    });
    const [theirs] = tools ? best(() => execFileSync(tool, [...inputs.map(at), at(`their-${output}`)])) : [];
    line(what, ours, theirs, tool, made.numStates);
    return made;
  };
  say(`L of ${lexicon.numArcs} arcs, G of ${grammar.numArcs}:`);
  const composed = against('compose', 'fstcompose', ['l.fst', 'g.fst'], compose, 'log.fst');
  const acyclic = dropBackArcs(grammar);
  writeFileSync(at('a.fst'), writeFst(acyclic));
  against('determinize an acyclic acceptor', 'fstdeterminize', ['a.fst'], determinize, 'd.fst');
  against('minimize it', 'fstminimize', ['d.fst'], minimize, 'm.fst');
  const [star, determinized] = best(() => determinizeStar(composed, { semiring: 'log' }));
  writeFileSync(at('det.fst'), writeFst(determinized));
  const [encoded, minimized] = best(() => minimizeEncoded(determinized));
  const { python, skip } = pythonWith('kaldifst==1.8.3');
  if (!python) say(`  kaldifst: ${skip}`);
  const peer = python ? runPython(python, inKaldi, folder).trim().split(' ').map(Number) : [];
  line('determinizeStar', star, peer[0], 'kaldifst', determinized.numStates);
  line('minimizeEncoded', encoded, peer[2], 'kaldifst', minimized.numStates);
}

/** Only arcs that lead forward, epsilons left out: an acyclic acceptor that is not deterministic. */
function dropBackArcs(fst) {
  const keep = [];
  const firstArc = new Int32Array(fst.numStates + 1);
  for (let s = 0; s < fst.numStates; s++) {
    for (let a = fst.firstArc[s]; a < fst.firstArc[s + 1]; a++)
      if (fst.nextState[a] > s && fst.olabel[a] !== 0) keep.push(a);
    firstArc[s + 1] = keep.length;
  }
  // Labels of a hundred kinds make many arcs of a state alike.
  const labels = Int32Array.from(keep, (a) => 1 + (fst.olabel[a] % 100));
  return fst.with({
    firstArc,
    ilabel: labels,
    olabel: labels,
    weight: Float32Array.from(keep, (a) => fst.weight[a]),
    nextState: Int32Array.from(keep, (a) => fst.nextState[a]),
    final: fst.final.map(() => 0),
  });
}

/** Peak memory of building, writing and reading ten million arcs, in a process of its own. */
function memory() {
  const script = `
    import { FstBuilder, readFst, writeFst } from '@jebena/wfst';
    const b = new FstBuilder();
    const states = 2_000_000;
    b.ensureStates(states);
    b.setStart(0);
    b.setFinal(states - 1);
    for (let a = 0; a < 10_000_000; a++) b.addArc(a % states, a & 1023, a & 511, 0.5, (7 * a + 1) % states);
    const fst = b.build();
    const built = process.resourceUsage().maxRSS;
    if (readFst(writeFst(fst)).numArcs !== 10_000_000) throw new Error('wrong');
    console.log(built, process.resourceUsage().maxRSS);`;
  const [built, read] = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
    .trim()
    .split(' ')
    .map((kilobytes) => (Number(kilobytes) / 2 ** 20).toFixed(2));
  say(`ten million arcs: ${built} GB at most to build them, ${read} GB with writing and reading besides`);
}

/** From text to HCLG: a lexicon of 20,000 words, triphones and a trigram of a million n-grams. */
function wholeGraph(ngrams) {
  const begun = performance.now();
  const seconds = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  const { language, model } = bigLanguage({ ngrams });
  say(`HCLG of ${model.counts.join(' + ')} n-grams:`);
  const grammar = arpaToFst(model, { disambig: language.wordDisambig });
  const tree = ruleTree(language);
  const transitionModel = TransitionModel.create(tree, hmmTopology(language));
  const progress = (step, states, arcs) => say(`  ${seconds()}: ${step}, ${states} states, ${arcs} arcs`);
  makeGraph({ lexicon: language, grammar, transitionModel, tree, options: { progress } });
  say(`  ${seconds()}, ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GB at most`);
}

/** `JEBENA_BENCH_NGRAMS` sets the size of the language model: 100,000, and a million for the whole graph's figure. */
export default function () {
  const ngrams = Number(process.env.JEBENA_BENCH_NGRAMS ?? 100_000);
  const folder = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  try {
    memory();
    operations(folder, ngrams);
    wholeGraph(ngrams);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
