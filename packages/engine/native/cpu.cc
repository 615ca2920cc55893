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

// Reads program, parameters, inputs and sizes of an elementwise job. Tells whether it is a line, which repeats nothing:
// the whole matrix where all operands lie one row after the other.
bool ReadMap(Args& args, Table& table, MapJob* job) {
  size_t words, parameters, ins;
  job->code = args.Ints(0, &words);
  job->instructions = static_cast<int>(words / 5);
  job->parameters = args.Floats(1, &parameters);
  const int32_t* inputs = args.Ints(2, &ins);
  job->parameter_count = static_cast<int>(parameters);
  job->ins = static_cast<int>(ins);
  job->rows = args.Int(4);
  job->cols = args.Int(5);
  if (parameters > 16 || ins > 16 || words % 5) throw std::runtime_error("map: the program is too large");
  bool line = true;
  for (size_t i = 0; i < ins; i++) {
    const Slot& slot = table.Host(inputs[i]);
    job->in[i] = {slot.data, slot.ld, slot.rows != 1 || job->rows == 1, slot.cols != 1 || job->cols == 1};
    const bool number = slot.rows == 1 && slot.cols == 1;
    if (number && job->rows * job->cols != 1) job->in[i].by_row = job->in[i].by_col = false;
    if (!number && !(slot.rows == job->rows && slot.cols == job->cols && slot.dense())) line = false;
  }
  return line;
}

// map(code: Int32Array, parameters: Float32Array, inputs: Int32Array, consume: Int32Array, rows, cols,
// outs: Int32Array, beside): an elementwise program. consume[o] is the input whose memory output o takes over where
// nothing else looks into it, or -1; outs receives the outputs' numbers, and for an input taken over its own. The first
// `beside` outputs, when there are any, lie side by side in one matrix and have one number.
napi_value RunMap(Args& args) {
  Table& table = State::Of(args.env).table;
  size_t ins, outs, consumes;
  MapJob job;
  bool line = ReadMap(args, table, &job);
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
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, x.cols));
  ParallelFor(sum.rows, grain, [&](int64_t begin, int64_t end) {
    const int64_t from = std::min(std::max(begin, first), end), to = std::max(std::min(end, first + x.rows), from);
    if (!in_place)
      for (int64_t r = begin; r < end; r++)
        if (r < from || r >= to) std::memcpy(y.data + r * y.ld, sum.data + r * sum.ld, sizeof(float) * x.cols);
    for (int64_t r = from; r < to; r++) {
      float* out = y.data + r * y.ld;
      const float* old = sum.data + r * sum.ld;
      const float* more = x.data + (r - first) * x.ld;
      for (int64_t c = 0; c < x.cols; c++) out[c] = old[c] + scale * more[c];
    }
  });
  return args.Result(id);
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
  MapJob job;
  ReadMap(args, table, &job);
  size_t outs;
  int32_t* results = args.Typed<int32_t>(6, napi_int32_array, &outs);
  if (outs > 8) throw std::runtime_error("mapSums: the program is too large");
  job.outs = static_cast<int>(outs);
  const auto sums = SumParts(job.rows, job.cols * std::max(1, job.instructions), job.cols * outs,
                             [&](int64_t begin, int64_t end, double* to) { BestSimd().map_sums(job, begin, end, to); });
  for (size_t o = 0; o < outs; o++) {
    results[o] = table.New(1, job.cols);
    float* y = table.At(results[o]).data;
    for (int64_t c = 0; c < job.cols; c++) y[c] = static_cast<float>(sums[o * job.cols + c]);
  }
  return nullptr;
}

// sumRows(a, b | -1, all): the sum of the rows of a, or of a * b; with `all`, of the columns too.
napi_value RunSumRows(Args& args) {
  Table& table = State::Of(args.env).table;
  const Slot a = table.Host(args.Int(0));
  const Slot b = args.Int(1) >= 0 ? table.Host(args.Int(1)) : Slot{};
  const bool all = args.Bool(2);
  const auto sums = SumParts(a.rows, a.cols, a.cols, [&](int64_t begin, int64_t end, double* to) {
    BestSimd().sum_rows(a.data, a.ld, b.data, b.ld, a.cols, begin, end, to);
  });
  const int32_t id = table.New(1, all ? 1 : a.cols);
  float* y = table.At(id).data;
  double total = 0;
  for (int64_t c = 0; c < a.cols; c++)
    if (all)
      total += sums[c];
    else
      y[c] = static_cast<float>(sums[c]);
  if (all) y[0] = static_cast<float>(total);
  return args.Result(id);
}

// symmetricEigen(a, n, values, vectors): Float64Arrays; whether it converged.
napi_value SymmetricEigen(Args& args) {
  const auto doubles = [&](size_t i, size_t wanted) {
    size_t length;
    double* data = args.Typed<double>(i, napi_float64_array, &length);
    if (length != wanted) throw std::runtime_error("symmetricEigen: the sizes differ");
    return data;
  };
  const size_t n = args.Int(1);
  std::vector<double> work(2 * n + 1);
  const bool found = BestSimd().symmetric_eigen(doubles(0, n * n), n, doubles(2, n), doubles(3, n * n), work.data());
  napi_value out;
  napi_get_boolean(args.env, found, &out);
  return out;
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
  Export<AddRows>(env, exports, "addRows");
  Export<MapSums>(env, exports, "mapSums");
  Export<RunRows>(env, exports, "rows");
  Export<RunSumRows>(env, exports, "sumRows");
  Export<SymmetricEigen>(env, exports, "symmetricEigen");
  Export<Kernels>(env, exports, "kernels");
  ExportProducts(env, exports);
  ExportLayout(env, exports);
}

}  // namespace jebena
