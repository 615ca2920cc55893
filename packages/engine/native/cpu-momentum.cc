#include "best-simd.h"
#include "cpu.h"
#include "napi.h"
#include "state.h"
#include "tasks.h"

namespace jebena {
namespace {

// matmulMomentum(value, velocity, a, b, half, momentum, scale, rate, outs: Int32Array): velocity = momentum * velocity +
// scale * a^T b, then value += rate * velocity, each in place where nothing else looks into it; outs receives the numbers
// of the new value and velocity.
napi_value MatmulMomentum(Args& args) {
  Table& table = State::Of(args.env).table;
  const int32_t value_id = args.Int(0), velocity_id = args.Int(1), a_id = args.Int(2), b_id = args.Int(3);
  size_t outs;
  int32_t* results = args.Typed<int32_t>(8, napi_int32_array, &outs);
  const Slot a = table.Host(a_id), b = table.Host(b_id), value = table.Host(value_id), old = table.Host(velocity_id);
  const int64_t rows = value.rows, cols = value.cols;
  if (outs != 2 || a.rows != b.rows || a.rows == 0 || a.cols != rows || b.cols != cols || old.rows != rows ||
      old.cols != cols)
    throw std::runtime_error("matmulMomentum: the sizes differ");
  const auto place = [&](int32_t id) {
    const bool in_place = value_id != velocity_id && id != a_id && id != b_id && table.Owned(id);
    return in_place ? id : table.New(rows, cols);
  };
  results[0] = place(value_id);
  results[1] = place(velocity_id);
  const Slot moved = table.At(results[0]), velocity = table.At(results[1]);
  MatmulJob job = {};
  job.a = a.data;
  job.b = b.data;
  job.c = velocity.data;
  job.m = rows;
  job.n = cols;
  job.k = a.rows;
  job.lda = a.ld;
  job.ldb = b.ld;
  job.ldc = velocity.ld;
  job.transpose_a = true;
  job.half = args.Bool(4) && BestSimd().half;
  job.from = old.data;
  job.ldfrom = old.ld;
  job.keep = static_cast<float>(args.Number(5));
  job.scale = static_cast<float>(args.Number(6));
  job.rate = static_cast<float>(args.Number(7));
  job.value = moved.data;
  job.ldvalue = moved.ld;
  job.value_from = value.data;
  job.ldvalue_from = value.ld;
  Submit({a.buffer, b.buffer, value.buffer, old.buffer}, {moved.buffer, velocity.buffer},
         rows * cols * (2 + job.k / 16), [job] { BestSimd().matmul(job); });
  return nullptr;
}

}  // namespace

void ExportMomentum(napi_env env, napi_value exports) { Export<MatmulMomentum>(env, exports, "matmulMomentum"); }

}  // namespace jebena
