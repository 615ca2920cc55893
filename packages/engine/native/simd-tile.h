// The tile of a product that is kept in registers while its sums are made, and its way out.
#pragma once
#include "simd.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif
#if defined(__AVX512BF16__)
#define JEBENA_HALF 1
#else
#define JEBENA_HALF 0
#endif

namespace JEBENA_SIMD {

using namespace jebena;

#if defined(__AVX512F__)
constexpr int kVector = 16, kTall = 14;
#elif defined(__AVX2__)
constexpr int kVector = 8, kTall = 6;
#else
constexpr int kVector = 4, kTall = 4;
#endif
constexpr int kWide = 2 * kVector;  // the tile in registers: kTall x kWide

typedef float Vector __attribute__((vector_size(4 * kVector), aligned(4), may_alias));

// What happens to a tile on its way out.
struct Out {
  float* c;
  int64_t ldc;
  int64_t cols;  // at most kWide
  const float* from;  // added, or null
  int64_t ldfrom;
  bool relu;
  float scale;
  const float* bias;
  const float* ahead = nullptr;  // what is read next, for as many lines as there are steps, or null
  float keep = 1;                // what `from` is multiplied by
  float* value = nullptr;        // value_from + rate * c, or null
  const float* value_from = nullptr;
  int64_t ldvalue = 0, ldvalue_from = 0;
  float rate = 0;
};

// A tile on its way into a velocity, and into the value that it moves where that is given.
template <int kHigh, int kVectors>
static void StoreMoving(const Vector (&sums)[kHigh][kVectors], const Out& out) {
  for (int i = 0; i < kHigh; i++)
    for (int j = 0; j < kVectors; j++) {
      const int64_t at = j * kVector, cols = out.cols - at;
      float* c = out.c + i * out.ldc + at;
      const float* from = out.from + i * out.ldfrom + at;
      float* value = out.value ? out.value + i * out.ldvalue + at : nullptr;
      const float* value_from = out.value ? out.value_from + i * out.ldvalue_from + at : nullptr;
      if (cols >= kVector) {
        const Vector y = *reinterpret_cast<const Vector*>(from) * out.keep + sums[i][j] * out.scale;
        *reinterpret_cast<Vector*>(c) = y;
        if (value) *reinterpret_cast<Vector*>(value) = *reinterpret_cast<const Vector*>(value_from) + y * out.rate;
        continue;
      }
      for (int64_t k = 0; k < cols; k++) {
        const float y = from[k] * out.keep + sums[i][j][k] * out.scale;
        c[k] = y;
        if (value) value[k] = value_from[k] + y * out.rate;
      }
    }
}

// A tile is one to three vectors wide. Of the last vector a part may lie beyond the result.
template <int kHigh, int kVectors>
static inline void Store(const Vector (&sums)[kHigh][kVectors], const Out& out) {
  const Vector zero = {};
  // Unrolled: what is indexed by a variable would not stay in registers.
#pragma GCC unroll 3
  for (int j = 0; j < kVectors; j++) {
    const int64_t cols = out.cols - j * kVector;
    if (cols >= kVector) {
#pragma GCC unroll 16
      for (int i = 0; i < kHigh; i++) {
        Vector* to = reinterpret_cast<Vector*>(out.c + i * out.ldc + j * kVector);
        Vector y = sums[i][j] * out.scale;
        if (out.from) y += *reinterpret_cast<const Vector*>(out.from + i * out.ldfrom + j * kVector);
        if (out.bias) y += *reinterpret_cast<const Vector*>(out.bias + j * kVector);
        if (out.relu) y = y < zero ? zero : y;
        *to = y;
      }
      continue;
    }
#if defined(__AVX512F__)
    const __mmask16 mask = static_cast<__mmask16>((1u << cols) - 1);
#pragma GCC unroll 16
    for (int i = 0; i < kHigh; i++) {
      __m512 y = _mm512_mul_ps((__m512)sums[i][j], _mm512_set1_ps(out.scale));
      if (out.from) y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(mask, out.from + i * out.ldfrom + j * kVector));
      if (out.bias) y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(mask, out.bias + j * kVector));
      if (out.relu) y = _mm512_mask_mov_ps(y, _mm512_cmp_ps_mask(y, (__m512)zero, _CMP_LT_OQ), (__m512)zero);
      _mm512_mask_storeu_ps(out.c + i * out.ldc + j * kVector, mask, y);
    }
#else
#pragma GCC unroll 16
    for (int i = 0; i < kHigh; i++)
      for (int64_t c = 0; c < cols; c++) {
        float* to = out.c + i * out.ldc + j * kVector + c;
        float y = sums[i][j][c] * out.scale;
        if (out.from) y += out.from[i * out.ldfrom + j * kVector + c];
        if (out.bias) y += out.bias[j * kVector + c];
        *to = out.relu && y < 0 ? 0 : y;
      }
#endif
  }
}

// The same word everywhere, bit for bit: it may be a pair.
static inline Vector Repeated(float x) {
#if defined(__AVX512F__)
  return (Vector)_mm512_set1_ps(x);
#else
  return x - Vector{};
#endif
}

template <bool kHalf>
static inline void MultiplyAdd(Vector& sum, const Vector& x, const Vector& y) {
#if JEBENA_HALF
  if (kHalf) {
    sum = (Vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)x, (__m512bh)y);
    return;
  }
#endif
  sum += x * y;
}

template <int kVectors>
static inline void PrefetchRow(const float* row) {
  __builtin_prefetch(row, 1);
  __builtin_prefetch(row + kVectors * kVector - 1, 1);
}

template <bool kHalf, int kHigh, int kVectors>
static void Tile(int64_t steps, const float* a, const float* b, const Out& out) {
  Vector sums[kHigh][kVectors] = {};
  const float* ahead = out.ahead ? out.ahead : b;
  for (int64_t k = 0; k < steps; k++) {
    // The tile of the result is wanted at the end, and its rows lie far apart: a row at each step, not all at once, which
    // would hold up what is multiplied.
    if (k < kHigh) {
      PrefetchRow<kVectors>(out.c + k * out.ldc);
      if (out.value) PrefetchRow<kVectors>(out.value + k * out.ldvalue);
    }
    __builtin_prefetch(a + (k + 12) * kTall);
    __builtin_prefetch(ahead + k * 16, 0, 2);
    Vector y[kVectors];
    for (int j = 0; j < kVectors; j++) {
      __builtin_prefetch(b + (k + 8) * kWide + j * kVector);
      y[j] = *reinterpret_cast<const Vector*>(b + k * kWide + j * kVector);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kHigh; i++) {
      const Vector x = Repeated(a[k * kTall + i]);
#pragma GCC unroll 3
      for (int j = 0; j < kVectors; j++) MultiplyAdd<kHalf>(sums[i][j], x, y[j]);
    }
  }
  if (!out.value && out.keep == 1) return Store<kHigh, kVectors>(sums, out);
  // A copy, so that the plain way keeps its sums in registers.
  Vector copy[kHigh][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kHigh; i++)
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) copy[i][j] = sums[i][j];
  StoreMoving<kHigh, kVectors>(copy, out);
}

// The tile that is `high` rows tall, of as many vectors as there are columns for: one function for each. `steps` are
// packed ones: numbers, or pairs.
template <bool kHalf, int kHigh = kTall>
static inline void TileOf(int64_t high, int64_t steps, const float* a, const float* b, const Out& out) {
  if (high == kHigh)
    return out.cols > kVector ? Tile<kHalf, kHigh, 2>(steps, a, b, out) : Tile<kHalf, kHigh, 1>(steps, a, b, out);
  if constexpr (kHigh > 1) TileOf<kHalf, kHigh - 1>(high, steps, a, b, out);
}

}  // namespace JEBENA_SIMD
