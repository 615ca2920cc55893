import type { LabelInfo } from '@jebena/hmm';
import type { Holder } from '@jebena/io-ark';

/** What the input labels of CLG stand for, as fstcomposecontext writes it (WriteILabelInfo in fstext/context-fst.cc). */
export const labelInfoHolder: Holder<LabelInfo[]> = {
  what: "a context transducer's labels",
  read: (input) => {
    const count = input.readCount('a number of labels');
    return Array.from({ length: count }, () => [...input.readInt32Vector()]);
  },
  write: (output, labels) => {
    output.writeInt32(labels.length);
    for (const label of labels) output.writeInt32Vector(label);
  },
};
