import { engineOptions } from '@jebena/engine';
import { atLeast, bool, defineOptions, float, int, type OptionValues, text, within } from '@jebena/options';

/**
 * Options of a whole run of training, by the names that steps/nnet3/train_dnn.py, train_rnn.py, train_raw_dnn.py and
 * train_raw_rnn.py give them.
 */
export const trainRunOptions = defineOptions({
  out: text('', 'Folder of the run; one that was interrupted goes on from what is there'),
  data: text('', 'Data folder with feats.scp, and utt2spk and cmvn.scp where features are normalised'),
  ali: text('', 'Folder of alignments: ali.*.gz, final.mdl, tree'),
  xconfig: text('', 'Network as an xconfig; default: configs/xconfig or configs/final.config in the folder of the run'),
  nnetConfig: text('', 'Network as an nnet3 config, instead of an xconfig'),
  restart: bool(false, 'Throw away what an earlier run left'),
  dir: text('', 'Another name of --out'),
  featDir: text('', 'Another name of --data'),
  aliDir: text('', 'Another name of --ali'),
  lang: text('', "Not used; for Kaldi's scripts"),
  targetsScp: text('', 'Train a raw network on these targets instead of alignments'),
  useDenseTargets: bool(true, 'The targets are matrices; if false, posteriors'),
  'feat.cmvnOpts': text('--norm-means=false --norm-vars=false', 'Options of apply-cmvn for the features'),
  'feat.onlineIvectorDir': text('', 'Folder with ivector_online.scp and ivector_period'),

  'egs.dir': text('', "Examples that are there: Kaldi's (egs.*.ark) or shards of an earlier run"),
  'egs.chunkWidth': text('140,100,70,40,20', 'Frames of each chunk, the primary size first'),
  'egs.chunkLeftContext': int(0, 'Left context beyond what the network needs', atLeast(0)),
  'egs.chunkRightContext': int(0, 'Right context beyond what the network needs', atLeast(0)),
  'egs.chunkLeftContextInitial': int(
    -1,
    'The same for the first chunk of an utterance; -1: as the others',
    atLeast(-1),
  ),
  'egs.chunkRightContextFinal': int(-1, 'The same for the last chunk of an utterance; -1: as the others', atLeast(-1)),
  'egs.framesPerEg': int(
    0,
    'Train on single frames, as train_dnn.py: frames in each example; 0: on whole chunks',
    atLeast(0),
  ),
  'egs.numUttsSubset': int(300, 'Utterances that are held out, and as many to measure training on', atLeast(1)),
  'egs.numFramesDiagnostic': int(10000, 'Frames that each of the two is measured on', atLeast(1)),
  'egs.numFramesCombine': int(60000, 'Frames on which the last models are combined', atLeast(1)),
  'egs.opts': text('', 'Options of get_egs.sh; of them --num-utts-subset counts'),
  'egs.cmd': text('', "Not used; for Kaldi's scripts"),
  'egs.stage': int(0, "Not used; for Kaldi's scripts"),

  'trainer.inputModel': text('', 'Begin with this network (raw or with a transition model)'),
  'trainer.numEpochs': float(8, 'Passes over the data', atLeast(0)),
  'trainer.samplesPerIter': int(400000, 'Frames in each archive: what one job trains on in one iteration', atLeast(1)),
  'trainer.shuffleBufferSize': int(5000, 'Examples held while they are shuffled into archives', atLeast(1)),
  'trainer.numChunkPerMinibatch': text('64,32', 'Sizes of minibatches of chunks'),
  'trainer.rnn.numChunkPerMinibatch': text('', 'Another name of --trainer.num-chunk-per-minibatch'),
  'trainer.optimization.minibatchSize': text('512', 'Sizes of minibatches of single frames'),
  'trainer.maxParamChange': float(2, 'Largest change of all parameters in one minibatch', atLeast(0)),
  'trainer.dropoutSchedule': text('', "Dropout by the share of data done, e.g. '0,0@0.20,0.5@0.50,0'"),
  'trainer.srand': int(0, 'Seed of all draws'),
  'trainer.derivTruncateMargin': int(8, 'Not used: derivatives are taken through all of the context'),
  'trainer.presoftmaxPriorScalePower': float(-0.25, 'Power of the priors in configs/presoftmax_prior_scale.vec'),
  'trainer.lda.randPrune': float(4, 'Weights of statistics for the first transform below this are drawn', atLeast(0)),
  'trainer.lda.maxLdaJobs': int(10, 'Archives that it is estimated on at most', atLeast(1)),
  'trainer.priorSubsetSize': int(20000, 'Frames whose average posterior makes the priors', atLeast(1)),
  'trainer.optimization.initialEffectiveLrate': float(0.0003, 'Effective learning rate at the beginning', atLeast(0)),
  'trainer.optimization.finalEffectiveLrate': float(0.00003, 'Effective learning rate at the end', atLeast(0)),
  'trainer.optimization.numJobsInitial': int(1, 'Jobs at the beginning', atLeast(1)),
  'trainer.optimization.numJobsFinal': int(1, 'Jobs at the end', atLeast(1)),
  'trainer.optimization.momentum': float(0, 'Share of the last change that is made again', within(0, 0.99)),
  'trainer.optimization.shrinkValue': float(
    1,
    'Parameters are multiplied by this before an iteration when units saturate',
    within(0.5, 1),
  ),
  'trainer.optimization.shrinkSaturationThreshold': float(0.4, 'How far units must saturate for that', within(0, 1)),
  'trainer.optimization.proportionalShrink': float(
    0,
    'Parameters are multiplied by 1 minus this times the learning rate',
    atLeast(0),
  ),
  'trainer.optimization.backstitchTrainingScale': float(
    0,
    'Share by which a minibatch is first unlearned; 0: off',
    atLeast(0),
  ),
  'trainer.optimization.backstitchTrainingInterval': int(1, 'Every how many minibatches that is done', atLeast(1)),
  'trainer.optimization.doFinalCombination': bool(true, 'Combine the last models; if false, the last one is final'),
  'trainer.optimization.combineSumToOnePenalty': float(0, "Not used; for Kaldi's scripts"),
  'trainer.optimization.maxModelsCombine': int(20, 'Models that are combined at most', atLeast(1)),
  'trainer.optimization.maxObjectiveEvaluations': int(
    30,
    'Averages that are measured at most when they are combined',
    atLeast(1),
  ),

  stage: int(-10, 'Begin at this iteration, with the model that is there; below 0: where an earlier run ended'),
  exitStage: int(-1, 'End before this iteration; below 0: at the end', atLeast(-1)),
  cleanup: bool(true, 'Remove models that are no longer needed'),
  'cleanup.removeEgs': bool(true, 'Remove the examples in the end, where the run made them'),
  'cleanup.preserveModelInterval': int(100, 'Every so many models one is kept', atLeast(1)),
  useGpu: text('', "Not used: --engine says what computes; for Kaldi's scripts"),
  cmd: text('', "Not used: jobs run on this machine; for Kaldi's scripts"),
  nj: int(4, "Not used; for Kaldi's scripts"),
  'reporting.email': text('', "Not used; for Kaldi's scripts"),

  workers: int(1, 'Threads of each job that read and merge examples', atLeast(0)),
  checkpointPeriod: float(60, 'Seconds between the checkpoints of a job', atLeast(0)),
  anyMachine: bool(false, 'Go on also where a checkpoint is of another engine or number of threads'),
  ...engineOptions,
});

export type TrainRunOptions = OptionValues<typeof trainRunOptions>;
