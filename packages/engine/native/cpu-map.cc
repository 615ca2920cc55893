#include "cpu-map.h"

#include <algorithm>
#include <cstring>

#include "best-simd.h"
#include "cpu.h"
#include "state.h"
#include "threads.h"

namespace jebena {

HeldMap ReadMap(Args& args, Table& table) {
  HeldMap held;
  MapJob& job = held.job;
  size_t words, parameters, ins;
  const int32_t* code = args.Ints(0, &words);
  const float* given = args.Floats(1, &parameters);
  const int32_t* inputs = args.Ints(2, &ins);
  if (parameters > 16 || ins > 16 || words % 5) throw std::runtime_error("map: the program is too large");
  held.code.assign(code, code + words);
  std::copy_n(given, parameters, held.parameters);
  job.instructions = static_cast<int>(words / 5);
  job.parameter_count = static_cast<int>(parameters);
  job.ins = static_cast<int>(ins);
  job.rows = args.Int(4);
  job.cols = args.Int(5);
  for (size_t i = 0; i < ins; i++) {
    const Slot& slot = table.Host(inputs[i]);
    held.reads.push_back(slot.buffer);
    job.in[i] = {slot.data, slot.ld, slot.rows != 1 || job.rows == 1, slot.cols != 1 || job.cols == 1};
    const bool number = slot.rows == 1 && slot.cols == 1;
    if (number && job.rows * job.cols != 1) job.in[i].by_row = job.in[i].by_col = false;
    if (!number && !(slot.rows == job.rows && slot.cols == job.cols && slot.dense())) held.line = false;
  }
  return held;
}

namespace {

void RunRowByRow(const MapJob& job) {
  const int64_t cost = std::max(1, job.instructions);
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, job.cols * cost));
  ParallelFor(job.rows, grain, [&](int64_t begin, int64_t end) { BestSimd().map(job, begin, end); });
}

void RunLine(const MapJob& job) {
  const int64_t cost = std::max(1, job.instructions);
  const int64_t total = job.rows * job.cols, blocks = (total + kBlock - 1) / kBlock;
  ParallelFor(blocks, std::max<int64_t>(1, kGrain / (kBlock * cost)), [&](int64_t begin, int64_t end) {
    MapJob part = job;
    for (int i = 0; i < part.ins; i++)
      if (part.in[i].by_col || part.in[i].by_row) {
        part.in[i].by_row = false;
        part.in[i].by_col = true;
        part.in[i].data += begin * kBlock;
      }
    for (int o = 0; o < part.outs; o++) part.out[o] += begin * kBlock;
    part.cols = std::min(end * kBlock, total) - begin * kBlock;
    part.rows = 1;
    BestSimd().map(part, 0, 1);
  });
}

// map(code: Int32Array, parameters: Float32Array, inputs: Int32Array, consume: Int32Array, rows, cols,
// outs: Int32Array, beside): an elementwise program. consume[o] is the input whose memory output o takes over where
// nothing else looks into it, or -1; outs receives the outputs' numbers, and for an input taken over its own. The first
// `beside` outputs, when there are any, lie side by side in one matrix and have one number.
napi_value RunMap(Args& args) {
  Table& table = State::Of(args.env).table;
  size_t ins, outs, consumes;
  HeldMap held = ReadMap(args, table);
  MapJob& job = held.job;
  Buffers writes;
  const int32_t* inputs = args.Ints(2, &ins);
  const int32_t* consume = args.Ints(3, &consumes);
  int32_t* results = args.Typed<int32_t>(6, napi_int32_array, &outs);
  const size_t beside = args.Int(7);
  job.outs = static_cast<int>(consumes);
  const size_t shift = beside > 0 ? beside - 1 : 0;  // outputs that have no number of their own
  if (consumes > 8 || consumes != outs + shift || beside > consumes)
    throw std::runtime_error("map: the program is too large");
  if (beside > 0) {
    results[0] = table.New(job.rows, job.cols * beside);
    const Slot& slot = table.At(results[0]);
    writes.push_back(slot.buffer);
    for (size_t o = 0; o < beside; o++) {
      job.out[o] = slot.data + o * job.cols;
      job.out_ld[o] = job.cols * beside;
    }
    held.line = held.line && beside == 1;
  }
  for (size_t o = beside; o < consumes; o++) {
    const Slot* into = consume[o] >= 0 ? table.Owned(inputs[consume[o]]) : nullptr;
    const int32_t id = into ? inputs[consume[o]] : table.New(job.rows, job.cols);
    const Slot& slot = table.At(id);
    results[o - shift] = id;
    writes.push_back(slot.buffer);
    job.out[o] = slot.data;
    job.out_ld[o] = slot.ld;
    if (!slot.dense()) held.line = false;
  }
  // New slots may have moved the table, but not what slots point to: job.in stands.
  const Buffers reads = held.reads;
  const int64_t cost = held.cost();
  Submit(reads, writes, cost, [held = std::move(held)] { (held.line ? RunLine : RunRowByRow)(held.Job()); });
  return nullptr;
}

// Adds scale * x to the rows of `sum` from `first` on, into y: the same memory, or another.
void AddInto(const Slot& y, const Slot& sum, const Slot& x, int64_t first, float scale) {
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, x.cols));
  ParallelFor(sum.rows, grain, [&](int64_t begin, int64_t end) {
    const int64_t from = std::min(std::max(begin, first), end), to = std::max(std::min(end, first + x.rows), from);
    if (y.data != sum.data)
      for (int64_t r = begin; r < end; r++)
        if (r < from || r >= to) std::memcpy(y.data + r * y.ld, sum.data + r * sum.ld, sizeof(float) * x.cols);
    for (int64_t r = from; r < to; r++) {
      float* out = y.data + r * y.ld;
      const float* old = sum.data + r * sum.ld;
      const float* more = x.data + (r - first) * x.ld;
      for (int64_t c = 0; c < x.cols; c++) out[c] = old[c] + scale * more[c];
    }
  });
}

// addRows(sum, x, first, scale): adds scale * x to the rows of `sum` from `first` on, in place where nothing else looks
// into it; the number of the result.
napi_value AddRows(Args& args) {
  Table& table = State::Of(args.env).table;
  const int32_t sum_id = args.Int(0);
  const int64_t first = args.Int(2);
  const float scale = static_cast<float>(args.Number(3));
  const Slot x = table.Host(args.Int(1));
  const bool in_place = table.Owned(sum_id) != nullptr;
  const Slot sum = table.Host(sum_id);
  if (first < 0 || first + x.rows > sum.rows || x.cols != sum.cols) throw std::runtime_error("addRows: beyond the sum");
  const int32_t id = in_place ? sum_id : table.New(sum.rows, sum.cols);
  const Slot y = table.At(id);
  Submit({x.buffer, sum.buffer}, {y.buffer}, (in_place ? x.rows : sum.rows) * x.cols,
         [=] { AddInto(y, sum, x, first, scale); });
  return args.Result(id);
}

}  // namespace

void ExportMaps(napi_env env, napi_value exports) {
  Export<RunMap>(env, exports, "map");
  Export<AddRows>(env, exports, "addRows");
}

}  // namespace jebena
