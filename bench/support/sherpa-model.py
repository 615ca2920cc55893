# python sherpa-model.py FOLDER: a streaming transducer (LSTM encoder) of random weights in the form that sherpa-onnx
# takes, of about 0.6 million parameters.
import sys
import numpy as np
import onnx
from onnx import TensorProto, helper as h, numpy_helper

folder = sys.argv[1]
dim, feats, frames, vocabulary = 224, 40, 9, 80
rng = np.random.default_rng(1)
weights = lambda name, *shape: numpy_helper.from_array((rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32), name)
tensor = lambda name, kind, *shape: h.make_tensor_value_info(name, kind, shape)
whole = lambda name, *values: numpy_helper.from_array(np.array(values, dtype=np.int64), name)

def save(name, nodes, inputs, outputs, constants, meta):
    graph = h.make_graph(nodes, name, inputs, outputs, constants)
    model = h.make_model(graph, opset_imports=[h.make_opsetid('', 13)], ir_version=8)
    for key, value in meta.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, str(value)
    onnx.checker.check_model(model)
    onnx.save(model, f'{folder}/{name}.onnx')
    return sum(int(np.prod(c.dims)) for c in constants)

size = save('encoder', [
    h.make_node('Reshape', ['x', 'flat'], ['rows']),
    h.make_node('Gemm', ['rows', 'w_in', 'b_in'], ['affine'], transB=1),
    h.make_node('Relu', ['affine'], ['hidden']),
    h.make_node('Unsqueeze', ['hidden', 'zero'], ['sequence']),
    h.make_node('LSTM', ['sequence', 'w', 'r', 'b', '', 'h', 'c'], ['y', 'next_h', 'next_c'], hidden_size=dim),
    h.make_node('Squeeze', ['y', 'one'], ['lstm']),
    h.make_node('Transpose', ['lstm'], ['encoder_out'], perm=[1, 0, 2]),
], [tensor('x', TensorProto.FLOAT, 'N', frames, feats), tensor('h', TensorProto.FLOAT, 1, 'N', dim), tensor('c', TensorProto.FLOAT, 1, 'N', dim)],
   [tensor('encoder_out', TensorProto.FLOAT, 'N', 1, dim), tensor('next_h', TensorProto.FLOAT, 1, 'N', dim), tensor('next_c', TensorProto.FLOAT, 1, 'N', dim)],
   [whole('flat', -1, frames * feats), weights('w_in', dim, frames * feats), weights('b_in', dim), whole('zero', 0), whole('one', 1),
    weights('w', 1, 4 * dim, dim), weights('r', 1, 4 * dim, dim), weights('b', 1, 8 * dim)],
   dict(model_type='lstm', version=1, num_encoder_layers=1, T=frames, decode_chunk_len=4, rnn_hidden_size=dim, d_model=dim))
size += save('decoder', [
    h.make_node('Gather', ['embedding', 'y'], ['both']),
    h.make_node('ReduceMean', ['both'], ['decoder_out'], axes=[1], keepdims=0),
], [tensor('y', TensorProto.INT64, 'N', 2)], [tensor('decoder_out', TensorProto.FLOAT, 'N', dim)],
   [weights('embedding', vocabulary, dim)], dict(vocab_size=vocabulary, context_size=2))
bias = rng.standard_normal(vocabulary).astype(np.float32) * 0.1
# Blank mostly wins, as in a model that was trained.
bias[0] = 3
size += save('joiner', [
    h.make_node('Add', ['encoder_out', 'decoder_out'], ['sum']),
    h.make_node('Tanh', ['sum'], ['tanh']),
    h.make_node('Gemm', ['tanh', 'w', 'b'], ['logit'], transB=1),
], [tensor('encoder_out', TensorProto.FLOAT, 'N', dim), tensor('decoder_out', TensorProto.FLOAT, 'N', dim)],
   [tensor('logit', TensorProto.FLOAT, 'N', vocabulary)],
   [weights('w', vocabulary, dim), numpy_helper.from_array(bias, 'b')], dict(joiner_dim=dim))
with open(f'{folder}/tokens.txt', 'w') as tokens:
    for i in range(vocabulary):
        tokens.write(f'{"<blk>" if i == 0 else "<unk>" if i == 1 else f"t{i}"} {i}\n')
print(size)
