#include <algorithm>

#include "simd.h"
#include "simd-math.h"

namespace JEBENA_SIMD {

using namespace jebena;

// An output may be an input's own memory: at the same place, so no iteration depends on another.
#define EACH(expression)                       \
  do {                                         \
    _Pragma("GCC ivdep") for (int64_t i = 0; i < n; i++) d[i] = expression; \
  } while (0);                                 \
  break

static void Instruction(int32_t code, float* d, const float* a, const float* b, const float* c, int64_t n) {
  switch (code) {
    case kCopy: EACH(a[i]);
    case kAdd: EACH(a[i] + b[i]);
    case kSub: EACH(a[i] - b[i]);
    case kMul: EACH(a[i] * b[i]);
    case kDiv: EACH(a[i] / b[i]);
    case kMax: EACH(a[i] > b[i] ? a[i] : b[i]);
    case kMin: EACH(a[i] < b[i] ? a[i] : b[i]);
    case kGreater: EACH(a[i] > b[i] ? 1.0f : 0.0f);
    case kLess: EACH(a[i] < b[i] ? 1.0f : 0.0f);
    case kMulAdd: EACH(a[i] * b[i] + c[i]);
    case kSelect: EACH(a[i] != 0 ? b[i] : c[i]);
    case kRelu: EACH(a[i] < 0 ? 0.0f : a[i]);
    case kSigmoid: EACH(Sigmoid(a[i]));
    case kTanh: EACH(Tanh(a[i]));
    case kExp: EACH(Exp(a[i]));
    case kLog: EACH(Log(a[i]));
    case kSqrt: EACH(std::sqrt(a[i]));
    case kRsqrt: EACH(1.0f / std::sqrt(a[i]));
    case kSquare: EACH(a[i] * a[i]);
    case kAbs: EACH(std::fabs(a[i]));
    case kNeg: EACH(-a[i]);
    case kSign: EACH(a[i] > 0 ? 1.0f : a[i] < 0 ? -1.0f : a[i]);
    case kReciprocal: EACH(1.0f / a[i]);
    case kReluGrad: EACH(a[i] > 0 ? b[i] : 0.0f);
    case kSigmoidGrad: EACH(b[i] * a[i] * (1.0f - a[i]));
    case kTanhGrad: EACH(b[i] * (1.0f - a[i] * a[i]));
  }
}

void Map(const MapJob& job, int64_t begin, int64_t end) {
  // What repeats within a row (numbers, columns) is written out once a block, so that every loop is over vectors.
  alignas(64) static thread_local float temporaries[kInputs][kBlock];
  alignas(64) static thread_local float repeated[kOutputs - kInputs][kBlock];
  float* place[kPlaces] = {};
  const int64_t most = std::min(kBlock, job.cols);
  for (int i = 0; i < kInputs; i++) place[i] = temporaries[i];
  for (int i = 0; i < job.parameter_count; i++) {
    place[kParameters + i] = repeated[kParameters - kInputs + i];
    std::fill_n(place[kParameters + i], most, job.parameters[i]);
  }
  for (int64_t row = begin; row < end; row++) {
    for (int i = 0; i < job.ins; i++)
      if (!job.in[i].by_col && (row == begin || job.in[i].by_row)) {
        place[kInputs + i] = repeated[i];
        std::fill_n(repeated[i], most, job.in[i].data[job.in[i].by_row ? row * job.in[i].ld : 0]);
      }
    for (int64_t col = 0; col < job.cols; col += kBlock) {
      const int64_t n = std::min(kBlock, job.cols - col);
      for (int i = 0; i < job.ins; i++)
        if (job.in[i].by_col)
          place[kInputs + i] = const_cast<float*>(job.in[i].data) + (job.in[i].by_row ? row * job.in[i].ld : 0) + col;
      for (int i = 0; i < job.outs; i++) place[kOutputs + i] = job.out[i] + row * job.out_ld[i] + col;
      const int32_t* code = job.code;
      for (int i = 0; i < job.instructions; i++, code += 5)
        Instruction(code[0], place[code[1]], place[code[2]], place[code[3]], place[code[4]], n);
    }
  }
}

}  // namespace JEBENA_SIMD
