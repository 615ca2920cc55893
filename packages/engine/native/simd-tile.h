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
};

template <int kHigh>
static inline void Store(const Vector (&sums)[kHigh][2], const Out& out) {
  const Vector zero = {};
  if (out.cols == kWide) {
    for (int i = 0; i < kHigh; i++)
      for (int j = 0; j < 2; j++) {
        Vector* to = reinterpret_cast<Vector*>(out.c + i * out.ldc + j * kVector);
        Vector y = sums[i][j] * out.scale;
        if (out.from) y += *reinterpret_cast<const Vector*>(out.from + i * out.ldfrom + j * kVector);
        if (out.bias) y += *reinterpret_cast<const Vector*>(out.bias + j * kVector);
        if (out.relu) y = y < zero ? zero : y;
        *to = y;
      }
    return;
  }
  for (int i = 0; i < kHigh; i++)
    for (int64_t j = 0; j < out.cols; j++) {
      float* to = out.c + i * out.ldc + j;
      float y = sums[i][j / kVector][j % kVector] * out.scale;
      if (out.from) y += out.from[i * out.ldfrom + j];
      if (out.bias) y += out.bias[j];
      *to = out.relu && y < 0 ? 0 : y;
    }
}

template <bool kHalf, int kHigh>
static void Tile(int64_t deep, const float* a, const float* b, const Out& out) {
  Vector sums[kHigh][2] = {};
  // The tile of the result is wanted at the end, and its rows lie far apart.
  for (int i = 0; i < kHigh; i++) {
    __builtin_prefetch(out.c + i * out.ldc, 1);
    __builtin_prefetch(out.c + i * out.ldc + kWide - 1, 1);
  }
  if (!kHalf) {
    for (int64_t k = 0; k < deep; k++) {
      __builtin_prefetch(a + (k + 12) * kTall);
      __builtin_prefetch(b + (k + 8) * kWide);
      __builtin_prefetch(b + (k + 8) * kWide + kVector);
      const Vector b0 = *reinterpret_cast<const Vector*>(b + k * kWide);
      const Vector b1 = *reinterpret_cast<const Vector*>(b + k * kWide + kVector);
#pragma GCC unroll 16
      for (int i = 0; i < kHigh; i++) {
        const Vector x = a[k * kTall + i] - Vector{};
        sums[i][0] += x * b0;
        sums[i][1] += x * b1;
      }
    }
  } else {
#if JEBENA_HALF
    for (int64_t k = 0; k < (deep + 1) / 2; k++) {
      __builtin_prefetch(a + (k + 12) * kTall);
      __builtin_prefetch(b + (k + 8) * kWide);
      __builtin_prefetch(b + (k + 8) * kWide + kVector);
      const __m512bh b0 = (__m512bh)_mm512_loadu_ps(b + k * kWide);
      const __m512bh b1 = (__m512bh)_mm512_loadu_ps(b + k * kWide + kVector);
#pragma GCC unroll 16
      for (int i = 0; i < kHigh; i++) {
        const __m512bh x = (__m512bh)_mm512_set1_ps(a[k * kTall + i]);
        sums[i][0] = (Vector)_mm512_dpbf16_ps((__m512)sums[i][0], x, b0);
        sums[i][1] = (Vector)_mm512_dpbf16_ps((__m512)sums[i][1], x, b1);
      }
    }
#endif
  }
  Store<kHigh>(sums, out);
}

// The tile that is `high` rows tall: one function for each height.
template <bool kHalf, int kHigh = kTall>
static inline void TileOf(int64_t high, int64_t deep, const float* a, const float* b, const Out& out) {
  if (high == kHigh) return Tile<kHalf, kHigh>(deep, a, b, out);
  if constexpr (kHigh > 1) TileOf<kHalf, kHigh - 1>(high, deep, a, b, out);
}

}  // namespace JEBENA_SIMD
