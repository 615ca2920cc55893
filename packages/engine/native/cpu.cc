#include "cpu.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "best-simd.h"
#include "napi.h"
#include "simd.h"
#include "state.h"
#include "threads.h"

namespace jebena {

namespace {

struct Kind {
  const char* name;
  const Simd* simd;
  bool here;
};

// The kinds of CPU that the loops are compiled for, the best last. JEBENA_SIMD names a lesser one to take, for tests.
const Kind& BestKind() {
  static const Kind best = [] {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    const Kind kinds[] = {
        {"baseline", &simd_baseline, true},
#if defined(__x86_64__)
        {"avx2", &simd_avx2, avx2},
        {"avx512", &simd_avx512, avx512},
#if defined(JEBENA_HAS_AVX512BF16)
        {"avx512bf16", &simd_avx512bf16, avx512 && __builtin_cpu_supports("avx512bf16")},
#endif
#endif
    };
    const char* wanted = std::getenv("JEBENA_SIMD");
    Kind best = kinds[0];
    for (const Kind& kind : kinds) {
      if (kind.here) best = kind;
      if (wanted && std::strcmp(wanted, kind.name) == 0) break;
    }
    return best;
  }();
  return best;
}

}  // namespace

const Simd& BestSimd() { return *BestKind().simd; }

namespace {

// A thread is worth waking for this many elements of one pass.
constexpr int64_t kGrain = 16384;

// map(code: Int32Array, parameters: Float32Array, inputs: Int32Array, consume: Int32Array, rows, cols,
// outs: Int32Array, beside): an elementwise program. consume[o] is the input whose memory output o takes over where
// nothing else looks into it, or -1; outs receives the outputs' numbers, and for an input taken over its own. The first
// `beside` outputs, when there are any, lie side by side in one matrix and have one number.
napi_value RunMap(Args& args) {
  Table& table = State::Of(args.env).table;
  size_t words, parameters, ins, outs, consumes;
  MapJob job;
  job.code = args.Ints(0, &words);
  job.instructions = static_cast<int>(words / 5);
  job.parameters = args.Floats(1, &parameters);
  const int32_t* inputs = args.Ints(2, &ins);
  const int32_t* consume = args.Ints(3, &consumes);
  int32_t* results = args.Typed<int32_t>(6, napi_int32_array, &outs);
  job.parameter_count = static_cast<int>(parameters);
  job.ins = static_cast<int>(ins);
  const size_t beside = args.Int(7);
  job.outs = static_cast<int>(consumes);
  job.rows = args.Int(4);
  job.cols = args.Int(5);
  const size_t shift = beside > 0 ? beside - 1 : 0;  // outputs that have no number of their own
  if (parameters > 16 || ins > 16 || consumes > 8 || consumes != outs + shift || beside > consumes || words % 5)
    throw std::runtime_error("map: the program is too large");
  // A line is what repeats nothing: the whole matrix where all operands lie one row after the other.
  bool line = true;
  for (size_t i = 0; i < ins; i++) {
    const Slot& slot = table.Host(inputs[i]);
    job.in[i] = {slot.data, slot.ld, slot.rows != 1 || job.rows == 1, slot.cols != 1 || job.cols == 1};
    const bool number = slot.rows == 1 && slot.cols == 1;
    if (number && job.rows * job.cols != 1) job.in[i].by_row = job.in[i].by_col = false;
    if (!number && !(slot.rows == job.rows && slot.cols == job.cols && slot.dense())) line = false;
  }
  if (beside > 0) {
    results[0] = table.New(job.rows, job.cols * beside);
    for (size_t o = 0; o < beside; o++) {
      job.out[o] = table.At(results[0]).data + o * job.cols;
      job.out_ld[o] = job.cols * beside;
    }
    line = line && beside == 1;
  }
  for (size_t o = beside; o < consumes; o++) {
    const Slot* into = consume[o] >= 0 ? table.Owned(inputs[consume[o]]) : nullptr;
    const int32_t id = into ? inputs[consume[o]] : table.New(job.rows, job.cols);
    const Slot& slot = table.At(id);
    results[o - shift] = id;
    job.out[o] = slot.data;
    job.out_ld[o] = slot.ld;
    if (!slot.dense()) line = false;
  }
  // New slots may have moved the table, but not what slots point to: job.in stands.
  const int64_t cost = std::max(1, job.instructions);
  if (!line) {
    const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, job.cols * cost));
    ParallelFor(job.rows, grain, [&](int64_t begin, int64_t end) { BestSimd().map(job, begin, end); });
    return nullptr;
  }
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
  return nullptr;
}

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
  ParallelFor(a.rows, std::max<int64_t>(1, kGrain / 2 / std::max<int64_t>(1, a.cols)), [&](int64_t begin, int64_t end) {
    BestSimd().rows(job, a.data, a.ld, b.data, b.ld, y.data, y.ld, a.cols, begin, end);
  });
  return args.Result(id);
}

// sumRows(a, b | -1, all): the sum of the rows of a, or of a * b; with `all`, of the columns too.
napi_value RunSumRows(Args& args) {
  Table& table = State::Of(args.env).table;
  const Slot a = table.Host(args.Int(0));
  const Slot b = args.Int(1) >= 0 ? table.Host(args.Int(1)) : Slot{};
  const bool all = args.Bool(2);
  // As many parts as threads, added up in order: the same result for the same number of threads.
  const int64_t parts = std::max<int64_t>(1, std::min<int64_t>(Threads(), a.rows * a.cols / kGrain));
  std::vector<double> sums(parts * a.cols, 0.0);
  ParallelFor(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++)
      BestSimd().sum_rows(a.data, a.ld, b.data, b.ld, a.cols, a.rows * p / parts, a.rows * (p + 1) / parts,
                          &sums[p * a.cols]);
  });
  const int32_t id = table.New(1, all ? 1 : a.cols);
  float* y = table.At(id).data;
  double total = 0;
  for (int64_t c = 0; c < a.cols; c++) {
    double sum = 0;
    for (int64_t p = 0; p < parts; p++) sum += sums[p * a.cols + c];
    if (all)
      total += sum;
    else
      y[c] = static_cast<float>(sum);
  }
  if (all) y[0] = static_cast<float>(total);
  return args.Result(id);
}

// kernels(): which kind of CPU they are compiled for.
napi_value Kernels(Args& args) {
  napi_value out;
  napi_create_string_utf8(args.env, BestKind().name, NAPI_AUTO_LENGTH, &out);
  return out;
}

}  // namespace

void ExportCpu(napi_env env, napi_value exports) {
  Export<RunMap>(env, exports, "map");
  Export<RunRows>(env, exports, "rows");
  Export<RunSumRows>(env, exports, "sumRows");
  Export<Kernels>(env, exports, "kernels");
  ExportProducts(env, exports);
  ExportLayout(env, exports);
}

}  // namespace jebena
