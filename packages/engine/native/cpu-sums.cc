// What rows and columns come to.
#include <algorithm>

#include "best-simd.h"
#include "cpu-map.h"
#include "cpu.h"
#include "state.h"
#include "threads.h"

namespace jebena {
namespace {

// rows(job, a, b | -1): softmax and its kin, and what each row comes to.
napi_value RunRows(Args& args) {
  Table& table = State::Of(args.env).table;
  const RowJob job = static_cast<RowJob>(args.Int(0));
  const Slot a = table.Host(args.Int(1));
  const Slot b = args.Int(2) >= 0 ? table.Host(args.Int(2)) : Slot{};
  const bool folds = job >= kSumCols;
  const int32_t id = table.New(a.rows, folds ? 1 : a.cols);
  const Slot y = table.At(id);
  if (a.cols == 0 && folds && job != kSumCols && job != kDotCols) throw std::runtime_error("rows: no columns");
  Buffers reads{a.buffer};
  if (b.buffer) reads.push_back(b.buffer);
  Submit(reads, {y.buffer}, 4 * a.rows * a.cols, [=] {
    const int64_t grain = std::max<int64_t>(1, kGrain / 2 / std::max<int64_t>(1, a.cols));
    ParallelFor(a.rows, grain, [&](int64_t begin, int64_t end) {
      BestSimd().rows(job, a.data, a.ld, b.data, b.ld, y.data, y.ld, a.cols, begin, end);
    });
  });
  return args.Result(id);
}

// As many parts as threads, added up in order: the same result for the same number of threads. sum(begin, end, sums)
// adds up a part of the rows.
template <typename Sum>
std::vector<double> SumParts(int64_t rows, int64_t cost, int64_t cols, Sum sum) {
  const int64_t parts = std::max<int64_t>(1, std::min<int64_t>(Threads(), rows * cost / kGrain));
  std::vector<double> sums(parts * cols, 0.0);
  ParallelFor(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++) sum(rows * p / parts, rows * (p + 1) / parts, &sums[p * cols]);
  });
  for (int64_t p = 1; p < parts; p++)
    for (int64_t c = 0; c < cols; c++) sums[c] += sums[p * cols + c];
  sums.resize(cols);
  return sums;
}

// mapSums(code, parameters, inputs, [], rows, cols, outs: Int32Array): what the rows of each output of an elementwise
// program add up to; outs receives the sums' numbers.
napi_value MapSums(Args& args) {
  Table& table = State::Of(args.env).table;
  HeldMap held = ReadMap(args, table);
  size_t outs;
  int32_t* results = args.Typed<int32_t>(6, napi_int32_array, &outs);
  if (outs > 8) throw std::runtime_error("mapSums: the program is too large");
  held.job.outs = static_cast<int>(outs);
  Buffers writes;
  for (size_t o = 0; o < outs; o++) {
    results[o] = table.New(1, held.job.cols);
    held.job.out[o] = table.At(results[o]).data;
    writes.push_back(table.At(results[o]).buffer);
  }
  const Buffers reads = held.reads;
  const int64_t cost = held.cost();
  Submit(reads, writes, cost, [held = std::move(held)] {
    const MapJob job = held.Job();
    const auto sums = SumParts(job.rows, job.cols * std::max(1, job.instructions), job.cols * job.outs,
                               [&](int64_t begin, int64_t end, double* to) { BestSimd().map_sums(job, begin, end, to); });
    for (int o = 0; o < job.outs; o++)
      for (int64_t c = 0; c < job.cols; c++) job.out[o][c] = static_cast<float>(sums[o * job.cols + c]);
  });
  return nullptr;
}

// sumRows(a, b | -1, all): the sum of the rows of a, or of a * b; with `all`, of the columns too.
napi_value RunSumRows(Args& args) {
  Table& table = State::Of(args.env).table;
  const Slot a = table.Host(args.Int(0));
  const Slot b = args.Int(1) >= 0 ? table.Host(args.Int(1)) : Slot{};
  const bool all = args.Bool(2);
  const int32_t id = table.New(1, all ? 1 : a.cols);
  const Slot y = table.At(id);
  Buffers reads{a.buffer};
  if (b.buffer) reads.push_back(b.buffer);
  Submit(reads, {y.buffer}, a.rows * a.cols, [=] {
    const auto sums = SumParts(a.rows, a.cols, a.cols, [&](int64_t begin, int64_t end, double* to) {
      BestSimd().sum_rows(a.data, a.ld, b.data, b.ld, a.cols, begin, end, to);
    });
    double total = 0;
    for (int64_t c = 0; c < a.cols; c++)
      if (all)
        total += sums[c];
      else
        y.data[c] = static_cast<float>(sums[c]);
    if (all) y.data[0] = static_cast<float>(total);
  });
  return args.Result(id);
}

}  // namespace

void ExportSums(napi_env env, napi_value exports) {
  Export<RunRows>(env, exports, "rows");
  Export<MapSums>(env, exports, "mapSums");
  Export<RunSumRows>(env, exports, "sumRows");
}

}  // namespace jebena
