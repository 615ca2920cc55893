import { TransitionModel } from '@jebena/hmm';
import { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { Network } from './network.js';

/**
 * What Kaldi keeps in a `.mdl`: the transition model, the network and the priors of the pdfs (empty for chain
 * models). Contexts are worked out anew; those in the file are skipped (am-nnet-simple.cc).
 */
export class AcousticModel {
  constructor(
    readonly transitions: TransitionModel,
    readonly network: Network,
    readonly priors: Float32Array = new Float32Array(0),
  ) {}

  static read(input: KaldiInput): AcousticModel {
    const transitions = TransitionModel.read(input);
    const network = Network.read(input);
    input.expectToken('<LeftContext>');
    input.readInt32();
    input.expectToken('<RightContext>');
    input.readInt32();
    input.expectToken('<Priors>');
    return new AcousticModel(transitions, network, input.readVector());
  }

  static fromBytes(bytes: Uint8Array, path?: string): AcousticModel {
    return AcousticModel.read(new KaldiInput(bytes, { path }));
  }

  write(output: KaldiOutput): void {
    this.transitions.write(output);
    this.network.write(output);
    output.writeToken('<LeftContext>');
    output.writeInt32(this.network.leftContext);
    output.writeToken('<RightContext>');
    output.writeInt32(this.network.rightContext);
    output.writeToken('<Priors>');
    output.writeVector(this.priors);
  }

  toBytes({ binary = true }: { binary?: boolean } = {}): Uint8Array {
    const output = new KaldiOutput({ binary });
    this.write(output);
    return output.bytes();
  }

  with(changes: { transitions?: TransitionModel; network?: Network; priors?: Float32Array }): AcousticModel {
    const { transitions = this.transitions, network = this.network, priors = this.priors } = changes;
    return new AcousticModel(transitions, network, priors);
  }
}

/** Reads the network of a raw file or of an acoustic model, as every program that wants one does. */
export function readNetworkFile(bytes: Uint8Array, path?: string): Network {
  const input = new KaldiInput(bytes, { path });
  if (input.peekToken() === '<TransitionModel>') return AcousticModel.read(input).network;
  return Network.read(input);
}
