#include <algorithm>

#include "best-simd.h"
#include "cpu.h"
#include "napi.h"
#include "state.h"
#include "tasks.h"

namespace jebena {
namespace {

// The right-hand side packed, where that pays: with few rows on the left packing costs as much as multiplying, and
// weights come again at every step of a recurrence.
Buffer* PackedFor(Slot& b, const MatmulJob& job) {
  const int which = job.transpose_b ? 1 : 0;
  if (b.packed[which]) return b.packed[which];
  if (job.m > 256 || b.uses[which]++ < 1) return nullptr;
  Buffer* packed = NewBuffer(BestSimd().packed_size(job.k, job.n, job.half));
  Submit({b.buffer}, {packed}, job.k * job.n, [=] { BestSimd().pack_b(job, packed->data); });
  return b.packed[which] = packed;
}

// Nothing to multiply: the bias alone.
void FillWithBias(const MatmulJob& job) {
  for (int64_t i = 0; i < job.m * job.n; i++) {
    const float y = job.bias ? job.bias[i % job.n] : 0;
    job.c[i] = job.relu && y < 0 ? 0 : y;
  }
}

// matmul(a, b, transposeA, transposeB, bias | -1, relu, half, into | -1, scale): the product times `scale`, plus the
// bias, clipped at zero; or added to `into`, which keeps its number where nothing else looks into it.
napi_value Matmul(Args& args) {
  Table& table = State::Of(args.env).table;
  const int32_t a_id = args.Int(0), b_id = args.Int(1), bias_id = args.Int(4), into_id = args.Int(7);
  MatmulJob job = {};
  job.transpose_a = args.Bool(2);
  job.transpose_b = args.Bool(3);
  job.m = job.transpose_a ? table.Host(a_id).cols : table.Host(a_id).rows;
  job.k = job.transpose_a ? table.Host(a_id).rows : table.Host(a_id).cols;
  job.n = job.transpose_b ? table.Host(b_id).rows : table.Host(b_id).cols;
  Buffers reads;
  if (bias_id >= 0) {
    const Slot& bias = table.Dense(bias_id);
    job.bias = bias.data;
    reads.push_back(bias.buffer);
  }
  job.relu = args.Bool(5);
  job.half = args.Bool(6) && BestSimd().half;
  job.scale = static_cast<float>(args.Number(8));
  const bool add = into_id >= 0;
  const bool in_place = add && into_id != a_id && into_id != b_id && table.Owned(into_id);
  const int32_t id = in_place ? into_id : table.New(job.m, job.n);
  if (add) {
    const Slot& into = table.Host(into_id);
    job.from = into.data;
    job.ldfrom = into.ld;
    reads.push_back(into.buffer);
  }
  const Slot& a = table.Host(a_id);
  job.a = a.data;
  job.lda = a.ld;
  reads.push_back(a.buffer);
  Slot& b = table.Host(b_id);
  job.b = b.data;
  job.ldb = b.ld;
  reads.push_back(b.buffer);
  const Slot& c = table.At(id);
  job.c = c.data;
  job.ldc = c.ld;
  if (job.k == 0 && !add) {
    Submit(reads, {c.buffer}, job.m * job.n, [job] { FillWithBias(job); });
    return args.Result(id);
  }
  if (Buffer* packed = PackedFor(b, job)) {
    reads.push_back(packed);
    job.packed = packed->data;
  }
  Submit(reads, {c.buffer}, job.m * job.n * (1 + job.k / 16), [job] { BestSimd().matmul(job); });
  return args.Result(id);
}

// matmulPatches(x, patches, per row, other, bias | -1, relu, dy, half): one side of a product is rows of x, `per row` of them side
// by side, of which an index tells. patches other^T + bias, clipped at zero with `relu`, where `other` holds weights; or with `dy`
// other^T patches.
napi_value MatmulPatches(Args& args) {
  State& state = State::Of(args.env);
  Table& table = state.table;
  const Slot x = table.Host(args.Int(0)), other = table.Host(args.Int(3));
  const Index patches = state.IndexAt(args.Int(1));
  const int64_t count = patches->size();
  PatchesJob job = {};
  job.x = x.data;
  job.x_rows = x.rows;
  job.width = x.cols;
  job.ldx = x.ld;
  job.patches = patches->data();
  job.per_row = args.Int(2);
  job.rows = job.per_row > 0 ? count / job.per_row : 0;
  job.other = other.data;
  job.ldother = other.ld;
  Buffers reads{x.buffer, other.buffer};
  const int32_t bias_id = args.Int(4);
  const bool dy = args.Bool(6);
  const int64_t cols = job.per_row * x.cols;
  if (job.rows * job.per_row != count || job.rows == 0 || (dy ? other.rows != job.rows : other.cols != cols))
    throw std::runtime_error("matmulPatches: the sizes differ");
  job.n = dy ? other.cols : other.rows;
  if (bias_id >= 0) {
    const Slot& bias = table.Dense(bias_id);
    job.bias = bias.data;
    reads.push_back(bias.buffer);
  }
  job.relu = args.Bool(5);
  job.half = args.Bool(7) && BestSimd().half;
  const int32_t id = dy ? table.New(job.n, cols) : table.New(job.rows, job.n);
  const Slot& y = table.At(id);
  job.y = y.data;
  Submit(reads, {y.buffer}, job.rows * job.n * (1 + cols / 16),
         [job, patches, dy] { (dy ? BestSimd().patches_gradient : BestSimd().patches)(job); });
  return args.Result(id);
}

napi_value HasMatmul(Args& args) {
  napi_value out;
  napi_get_boolean(args.env, BestSimd().matmul != nullptr, &out);
  return out;
}

}  // namespace

void ExportProducts(napi_env env, napi_value exports) {
  Export<Matmul>(env, exports, "matmul");
  Export<MatmulPatches>(env, exports, "matmulPatches");
  Export<HasMatmul>(env, exports, "hasMatmul");
}

}  // namespace jebena
