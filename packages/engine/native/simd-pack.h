// Operands of a product as the kernel reads them: packed into panels, in float or rounded to bfloat16.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "simd-tile.h"

namespace JEBENA_SIMD {

using namespace jebena;

static inline int64_t Up(int64_t x, int64_t to) { return (x + to - 1) / to * to; }

// Packed floats (or pairs) for `deep` steps.
template <bool kHalf>
static inline int64_t Steps(int64_t deep) {
  return kHalf ? (deep + 1) / 2 : deep;
}

// Rounds to the nearest bfloat16, ties to even; NaN stays NaN.
static inline uint32_t Half(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, 4);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return x != x ? 0x7fc0 : rounded;
}

#if defined(__AVX512F__)
// Turns 16 x 16 words about: out row r is column r of the rows given.
static inline void Turn(__m512 (&r)[16]) {
  __m512 t[16];
  for (int i = 0; i < 16; i += 4) {
    const __m512d a = (__m512d)_mm512_unpacklo_ps(r[i], r[i + 1]), b = (__m512d)_mm512_unpackhi_ps(r[i], r[i + 1]);
    const __m512d c = (__m512d)_mm512_unpacklo_ps(r[i + 2], r[i + 3]);
    const __m512d d = (__m512d)_mm512_unpackhi_ps(r[i + 2], r[i + 3]);
    t[i] = (__m512)_mm512_unpacklo_pd(a, c);
    t[i + 1] = (__m512)_mm512_unpackhi_pd(a, c);
    t[i + 2] = (__m512)_mm512_unpacklo_pd(b, d);
    t[i + 3] = (__m512)_mm512_unpackhi_pd(b, d);
  }
  for (int i = 0; i < 4; i++) {
    const __m512 a = _mm512_shuffle_f32x4(t[i], t[i + 4], 0x88), b = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0x88);
    const __m512 c = _mm512_shuffle_f32x4(t[i], t[i + 4], 0xdd), d = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0xdd);
    r[i] = _mm512_shuffle_f32x4(a, b, 0x88);
    r[i + 8] = _mm512_shuffle_f32x4(a, b, 0xdd);
    r[i + 4] = _mm512_shuffle_f32x4(c, d, 0x88);
    r[i + 12] = _mm512_shuffle_f32x4(c, d, 0xdd);
  }
}

// Sixteen words of a row of the operand: numbers, or pairs of bfloat16.
template <bool kHalf>
static inline __m512 Words(const float* x) {
#if JEBENA_HALF
  if (kHalf) return (__m512)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + 16), _mm512_loadu_ps(x));
#endif
  return _mm512_loadu_ps(x);
}
#endif

// A panel holds `width` rows (of the packed operand, as columns) by `deep` steps. In float: step after step, one number a
// row. In bfloat16: two steps together, one pair a row. `step` and `across` say how the operand lies in memory.
template <bool kHalf, int kWidth>
static void PackPanel(const float* x, int64_t across, int64_t step, int64_t width, int64_t deep, float* to) {
  const int64_t pace = kHalf ? 2 : 1;  // steps that go together
  int64_t done = 0;
  if (width < kWidth) std::fill_n(to, (deep + pace - 1) / pace * kWidth, 0.0f);
#if defined(__AVX512F__)
  if (step == 1)
    for (; done + 16 * pace <= deep; done += 16 * pace)
      for (int64_t left = 0; left < width; left += 16) {
        const int64_t rows = std::min<int64_t>(16, width - left);
        __m512 words[16];
        // The next panel's rows, into the second cache: they lie far apart, and the CPU does not look so far ahead.
        for (int i = 0; i < rows; i++)
          for (int64_t k = 0; k < pace; k++) __builtin_prefetch(x + (kWidth + left + i) * across + done + 16 * k, 0, 2);
        for (int i = 0; i < 16; i++)
          words[i] = i < rows ? Words<kHalf>(x + (left + i) * across + done) : _mm512_setzero_ps();
        Turn(words);
        const __mmask16 mask = static_cast<__mmask16>((1u << std::min<int64_t>(16, kWidth - left)) - 1);
        for (int i = 0; i < 16; i++) _mm512_mask_storeu_ps(to + (done / pace + i) * kWidth + left, mask, words[i]);
      }
  if (!kHalf && across == 1)
    for (; done < deep; done++)
      for (int64_t left = 0; left < width; left += 16) {
        const __mmask16 mask = static_cast<__mmask16>((1u << std::min<int64_t>(16, width - left)) - 1);
        // The next rows lie far apart, where the CPU does not look ahead by itself.
        __builtin_prefetch(x + (done + 16) * step + left);
        _mm512_mask_storeu_ps(to + done * kWidth + left, mask, _mm512_maskz_loadu_ps(mask, x + done * step + left));
      }
#if JEBENA_HALF
  if (kHalf && across == 1) {
    alignas(64) int16_t order[32];
    for (int i = 0; i < 32; i++) order[i] = static_cast<int16_t>(i / 2 + i % 2 * 16);
    const __m512i pairs = _mm512_load_si512(order);
    for (; done + 2 <= deep; done += 2)
      for (int64_t left = 0; left < width; left += 16) {
        const __mmask16 mask = static_cast<__mmask16>((1u << std::min<int64_t>(16, width - left)) - 1);
        __builtin_prefetch(x + (done + 16) * step + left, 0, 2);
        __builtin_prefetch(x + (done + 17) * step + left, 0, 2);
        const __m512 lower = _mm512_maskz_loadu_ps(mask, x + done * step + left);
        const __m512 upper = _mm512_maskz_loadu_ps(mask, x + (done + 1) * step + left);
        const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(upper, lower);
        _mm512_mask_storeu_ps(to + done / 2 * kWidth + left, mask, (__m512)_mm512_permutexvar_epi16(pairs, both));
      }
  }
#endif
#endif
  if (!kHalf) {
    if (across == 1 && width == kWidth) {
      for (; done < deep; done++)
        for (int i = 0; i < kWidth; i++) to[done * kWidth + i] = x[done * step + i];
    }
    for (int64_t i = 0; i < width; i++)
      for (int64_t k = done; k < deep; k++) to[k * kWidth + i] = x[i * across + k * step];
    return;
  }
  uint32_t* pairs = reinterpret_cast<uint32_t*>(to);
  for (int64_t i = 0; i < width; i++)
    for (int64_t k = done; k < deep; k += 2) {
      const float* at = x + i * across + k * step;
      pairs[k / 2 * kWidth + i] = Half(*at) | (k + 1 < deep ? Half(at[step]) << 16 : 0);
    }
}

// Panels for rows of a, or columns of b, one after the other: `count` rows or columns, `deep` steps of panels that hold
// `whole` floats for each row or column. Where a step's numbers lie side by side, a few steps are packed for all panels in
// turn: what is read lies in long stretches, and pages are not met again and again.
template <bool kHalf, int kWidth>
static void PackPanels(const float* x, int64_t across, int64_t step, int64_t count, int64_t deep, int64_t whole,
                       float* to) {
  constexpr int64_t kAtOnce = 8;
  const int64_t at_once = across == 1 && count > kWidth ? kAtOnce : deep;
  for (int64_t k = 0; k < deep; k += at_once)
    for (int64_t p = 0; p * kWidth < count; p++)
      PackPanel<kHalf, kWidth>(x + p * kWidth * across + k * step, across, step,
                               std::min<int64_t>(kWidth, count - p * kWidth), std::min(at_once, deep - k),
                               to + p * kWidth * whole + Steps<kHalf>(k) * kWidth);
}

// Memory that a thread keeps: 0 for what it packs, 1 for what it packs for all.
static float* Scratch(int which, int64_t floats) {
  struct Freer {
    void operator()(float* p) const { std::free(p); }
  };
  static thread_local std::unique_ptr<float, Freer> memory[2];
  static thread_local int64_t size[2] = {};
  if (size[which] < floats) {
    memory[which].reset();
    memory[which].reset(static_cast<float*>(std::aligned_alloc(64, Up(floats * 4, 64))));
    size[which] = memory[which] ? floats : 0;
    if (!memory[which]) throw std::bad_alloc();
  }
  return memory[which].get();
}

}  // namespace JEBENA_SIMD
