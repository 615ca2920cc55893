#include <algorithm>

#include "simd.h"
#include "simd-math.h"

namespace JEBENA_SIMD {

using namespace jebena;

// Sixteen running results and one at the end: the compiler may not reorder a single float sum by itself.
constexpr int kLanes = 16;

template <typename Each>
static inline float Sum(int64_t n, Each each) {
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int k = 0; k < kLanes; k++) lanes[k] += each(i + k);
  float total = 0;
  for (; i < n; i++) total += each(i);
  for (int k = 0; k < kLanes; k++) total += lanes[k];
  return total;
}

static inline float Most(const float* x, int64_t n) {
  float lanes[kLanes];
  int64_t i = 0;
  std::fill_n(lanes, kLanes, x[0]);
  for (; i + kLanes <= n; i += kLanes)
    for (int k = 0; k < kLanes; k++) lanes[k] = x[i + k] > lanes[k] ? x[i + k] : lanes[k];
  float most = lanes[0];
  for (; i < n; i++) most = x[i] > most ? x[i] : most;
  for (int k = 1; k < kLanes; k++) most = lanes[k] > most ? lanes[k] : most;
  return most;
}

static void Softmax(const float* x, float* y, int64_t n, bool log) {
  const float most = Most(x, n);
  if (log) {
    const float norm = most + std::log(Sum(n, [&](int64_t i) { return Exp(x[i] - most); }));
    for (int64_t i = 0; i < n; i++) y[i] = x[i] - norm;
    return;
  }
  const float scale = 1.0f / Sum(n, [&](int64_t i) { return y[i] = Exp(x[i] - most); });
  for (int64_t i = 0; i < n; i++) y[i] *= scale;
}

void Rows(RowJob job, const float* a, int64_t lda, const float* b, int64_t ldb, float* y, int64_t ldy, int64_t cols,
          int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; row++) {
    const float* x = a + row * lda;
    const float* z = b ? b + row * ldb : nullptr;
    float* out = y + row * ldy;
    switch (job) {
      case kSoftmax: Softmax(x, out, cols, false); break;
      case kLogSoftmax: Softmax(x, out, cols, true); break;
      case kLogSoftmaxGrad: {
        const float total = Sum(cols, [&](int64_t i) { return z[i]; });
        for (int64_t i = 0; i < cols; i++) out[i] = z[i] - Exp(x[i]) * total;
        break;
      }
      case kSumCols: *out = Sum(cols, [&](int64_t i) { return x[i]; }); break;
      case kDotCols: *out = Sum(cols, [&](int64_t i) { return x[i] * z[i]; }); break;
      case kMaxCols: *out = Most(x, cols); break;
      case kArgMaxCols: *out = static_cast<float>(std::max_element(x, x + cols) - x); break;
    }
  }
}

void SumRows(const float* a, int64_t lda, const float* b, int64_t ldb, int64_t cols, int64_t begin, int64_t end,
             double* sums) {
  // Rows are read from end to end, as they lie in memory, as far as their sums stay in the first cache.
  constexpr int64_t kWidth = 2048, kTall = 64;
  for (int64_t col = 0; col < cols; col += kWidth) {
    const int64_t n = std::min(kWidth, cols - col);
    // Short float sums, added up in doubles: as exact as needed, at a float's speed.
    for (int64_t top = begin; top < end; top += kTall) {
      float part[kWidth];
      std::fill_n(part, n, 0.0f);
      for (int64_t row = top; row < std::min(top + kTall, end); row++) {
        const float* x = a + row * lda + col;
        if (b) {
          const float* z = b + row * ldb + col;
          for (int64_t i = 0; i < n; i++) part[i] += x[i] * z[i];
        } else {
          for (int64_t i = 0; i < n; i++) part[i] += x[i];
        }
      }
      for (int64_t i = 0; i < n; i++) sums[col + i] += part[i];
    }
  }
}

}  // namespace JEBENA_SIMD
