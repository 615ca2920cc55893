// Matrix products after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): both operands
// are packed into panels that a kernel reads in order, and the kernel keeps a whole tile of the result in registers.
// Beside libtensorflow's own product this one takes rows and columns of larger matrices as they lie, adds to what is
// there, adds a bias and clips at zero on the way out, and rounds to bfloat16 while it packs.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "simd.h"
#include "threads.h"

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
constexpr int kWide = 2 * kVector;                   // the tile in registers: kTall x kWide
constexpr int64_t kDeepest = 1024;                   // packed steps at once: the more, the less often the result is touched
constexpr int64_t kTaskRows = 8 * kTall, kTaskCols = 4 * kWide;  // what a thread takes: fits the second cache
constexpr int64_t kRows = 8 * kTaskRows, kCols = 128 * kWide;    // what is packed for all at once: fits the third

typedef float Vector __attribute__((vector_size(4 * kVector), aligned(4), may_alias));

static inline int64_t Up(int64_t x, int64_t to) { return (x + to - 1) / to * to; }

// Steps of the inner dimension at once: all, or parts of one length.
template <bool kHalf>
static inline int64_t Deep(int64_t k) {
  const int64_t most = kHalf ? 2 * kDeepest : kDeepest, parts = (k + most - 1) / most;
  return parts <= 1 ? most : Up((k + parts - 1) / parts, 32);
}

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

// Panels for rows of a, or columns of b, one after the other: `count` of them from the `from`th, `deep` steps from k.
// Where a step's numbers lie side by side, a few steps are packed for all panels in turn: what is read lies in long
// stretches, and pages are not met again and again.
template <bool kHalf, int kWidth>
static void PackPanels(const float* x, int64_t across, int64_t step, int64_t count, int64_t deep, float* to) {
  constexpr int64_t kAtOnce = 64;
  const int64_t size = kWidth * Steps<kHalf>(deep);
  const int64_t at_once = across == 1 && count > kWidth ? kAtOnce : deep;
  for (int64_t k = 0; k < deep; k += at_once)
    for (int64_t p = 0; p * kWidth < count; p++)
      PackPanel<kHalf, kWidth>(x + p * kWidth * across + k * step, across, step,
                               std::min<int64_t>(kWidth, count - p * kWidth), std::min(at_once, deep - k),
                               to + p * size + Steps<kHalf>(k) * kWidth);
}

// Memory that a thread keeps: 0 for what it packs, 1 for what it packs for all, 2 for parts of patches.
static float* Scratch(int which, int64_t floats) {
  struct Freer {
    void operator()(float* p) const { std::free(p); }
  };
  static thread_local std::unique_ptr<float, Freer> memory[3];
  static thread_local int64_t size[3] = {};
  if (size[which] < floats) {
    memory[which].reset();
    memory[which].reset(static_cast<float*>(std::aligned_alloc(64, Up(floats * 4, 64))));
    size[which] = memory[which] ? floats : 0;
    if (!memory[which]) throw std::bad_alloc();
  }
  return memory[which].get();
}

// Writes rows and columns of an operand that is given by patches one row after the other.
static void Assemble(const MatmulJob& job, const float* x, int64_t ld, int64_t row, int64_t rows, int64_t col,
                     int64_t cols, float* to) {
  for (int64_t r = row; r < row + rows; r++) {
    const int32_t* places = job.patches + r * job.per_row;
    for (int64_t c = col; c < col + cols;) {
      const int64_t within = c % job.width, n = std::min(job.width - within, col + cols - c);
      const int32_t place = places[c / job.width];
      if (place < 0 || place >= job.patch_rows)
        std::fill_n(to, n, 0.0f);
      else
        std::memcpy(to, x + place * ld + within, sizeof(float) * n);
      to += n;
      c += n;
    }
  }
}

// The panels of such an operand, assembled a little at a time in the first cache: patches, which say everything several
// times over, are never written to memory.
template <bool kHalf>
static void PackPatchesOfB(const MatmulJob& job, int64_t col, int64_t cols, int64_t k, int64_t deep, float* to) {
  constexpr int64_t kAtOnce = 32;
  const int64_t size = kWide * Steps<kHalf>(deep);
  float* part = Scratch(2, kAtOnce * cols);
  for (int64_t done = 0; done < deep; done += kAtOnce) {
    const int64_t steps = std::min(kAtOnce, deep - done);
    Assemble(job, job.b, job.ldb, k + done, steps, col, cols, part);
    for (int64_t p = 0; p * kWide < cols; p++)
      PackPanel<kHalf, kWide>(part + p * kWide, 1, cols, std::min<int64_t>(kWide, cols - p * kWide), steps,
                              to + p * size + Steps<kHalf>(done) * kWide);
  }
}

template <bool kHalf>
static void PackPatchesOfA(const MatmulJob& job, int64_t row, int64_t rows, int64_t k, int64_t deep, float* to) {
  float* part = Scratch(2, kTall * deep);
  for (int64_t r = 0; r < rows; r += kTall) {
    const int64_t high = std::min<int64_t>(kTall, rows - r);
    Assemble(job, job.a, job.lda, row + r, high, k, deep, part);
    PackPanel<kHalf, kTall>(part, deep, 1, high, deep, to + r * Steps<kHalf>(deep));
  }
}

template <bool kHalf>
static void PackCols(const MatmulJob& job, int64_t col, int64_t cols, int64_t k, int64_t deep, float* to) {
  if (job.patches && job.patches_of_b) return PackPatchesOfB<kHalf>(job, col, cols, k, deep, to);
  const float* x = job.b + (job.transpose_b ? col * job.ldb + k : k * job.ldb + col);
  PackPanels<kHalf, kWide>(x, job.transpose_b ? job.ldb : 1, job.transpose_b ? 1 : job.ldb, cols, deep, to);
}

template <bool kHalf>
static void PackRows(const MatmulJob& job, int64_t row, int64_t rows, int64_t k, int64_t deep, float* to) {
  if (job.patches && !job.patches_of_b) return PackPatchesOfA<kHalf>(job, row, rows, k, deep, to);
  const float* x = job.a + (job.transpose_a ? k * job.lda + row : row * job.lda + k);
  PackPanels<kHalf, kTall>(x, job.transpose_a ? 1 : job.lda, job.transpose_a ? job.lda : 1, rows, deep, to);
}

// Where the panels of b for columns from `col` and steps from k lie.
template <bool kHalf>
static inline int64_t PackedAt(const MatmulJob& job, int64_t col, int64_t k) {
  const int64_t width = std::min(kCols, Up(job.n - col, kWide));
  return col * Steps<kHalf>(job.k) + width * Steps<kHalf>(k);
}

template <bool kHalf>
static void PackAll(const MatmulJob& job, float* to) {
  const int64_t whole = Deep<kHalf>(job.k);
  for (int64_t jc = 0; jc < job.n; jc += kCols)
    for (int64_t kc = 0; kc < job.k; kc += whole) {
      const int64_t cols = std::min(kCols, job.n - jc), deep = std::min(whole, job.k - kc);
      float* base = to + PackedAt<kHalf>(job, jc, kc);
      ParallelFor((cols + kWide - 1) / kWide, 4, [&](int64_t begin, int64_t end) {
        PackCols<kHalf>(job, jc + begin * kWide, std::min(end * kWide, cols) - begin * kWide, kc, deep,
                        base + begin * kWide * Steps<kHalf>(deep));
      });
    }
}

// Rows [row, row + rows) by columns [col, col + cols) of the result, from packed panels.
template <bool kHalf>
static void Block(const MatmulJob& job, int64_t row, int64_t rows, const float* a, int64_t col, int64_t cols,
                  const float* b, int64_t kc, int64_t deep) {
  const int64_t steps = Steps<kHalf>(deep);
  const bool first = kc == 0, last = kc + deep == job.k;
  for (int64_t i = 0; i < rows; i += kTaskRows)
    for (int64_t j = 0; j < cols; j += kWide)
      for (int64_t r = i; r < std::min(i + kTaskRows, rows); r += kTall) {
        float* c = job.c + (row + r) * job.ldc + col + j;
        const float* from = job.from ? job.from + (row + r) * job.ldfrom + col + j : nullptr;
        const Out out{c,
                      job.ldc,
                      std::min<int64_t>(kWide, cols - j),
                      first ? from : c,
                      first ? job.ldfrom : job.ldc,
                      job.relu && last,
                      job.scale,
                      job.bias && last ? job.bias + col + j : nullptr};
        TileOf<kHalf>(std::min<int64_t>(kTall, rows - r), deep, a + r * steps, b + j * steps, out);
      }
}

// So many rows or columns that every thread has a few tasks, in whole panels.
static inline int64_t Share(int64_t count, int64_t panel, int64_t most) {
  return std::min(most, Up((count + 4 * Threads() - 1) / (4 * Threads()), panel));
}

// The shorter operand is packed for all threads; of the longer one each thread packs what it is about to multiply,
// which so is still in the second cache, and nobody waits for anybody in between.
template <bool kHalf>
static void Multiply(const MatmulJob& job) {
  const int64_t whole = Deep<kHalf>(job.k);
  const bool by_rows = job.m >= job.n;
  for (int64_t jc = 0; jc < job.n; jc += kCols) {
    const int64_t cols = std::min(kCols, job.n - jc), col_panels = (cols + kWide - 1) / kWide;
    for (int64_t kc = 0; kc < job.k; kc += whole) {
      const int64_t deep = std::min(whole, job.k - kc), steps = Steps<kHalf>(deep);
      const float* b = static_cast<const float*>(job.packed);
      if (b) b += PackedAt<kHalf>(job, jc, kc);
      if (by_rows) {
        if (!b) {
          float* packed = Scratch(1, col_panels * kWide * steps);
          ParallelFor(col_panels, 1, [&](int64_t begin, int64_t end) {
            PackCols<kHalf>(job, jc + begin * kWide, std::min(end * kWide, cols) - begin * kWide, kc, deep,
                            packed + begin * kWide * steps);
          });
          b = packed;
        }
        const int64_t share = Share(job.m, kTall, kTaskRows);
        ParallelFor((job.m + share - 1) / share, 1, [&](int64_t begin, int64_t end) {
          float* a = Scratch(0, share * steps);
          for (int64_t row = begin * share; row < std::min(end * share, job.m); row += share) {
            const int64_t rows = std::min(share, job.m - row);
            PackRows<kHalf>(job, row, rows, kc, deep, a);
            Block<kHalf>(job, row, rows, a, jc, cols, b, kc, deep);
          }
        });
        continue;
      }
      for (int64_t ic = 0; ic < job.m; ic += kRows) {
        const int64_t rows = std::min(kRows, job.m - ic), row_panels = (rows + kTall - 1) / kTall;
        float* a = Scratch(1, row_panels * kTall * steps);
        ParallelFor(row_panels, 2, [&](int64_t begin, int64_t end) {
          PackRows<kHalf>(job, ic + begin * kTall, std::min(end * kTall, rows) - begin * kTall, kc, deep,
                          a + begin * kTall * steps);
        });
        const int64_t share = Share(cols, kWide, kTaskCols);
        ParallelFor((cols + share - 1) / share, 1, [&](int64_t begin, int64_t end) {
          for (int64_t col = begin * share; col < std::min(end * share, cols); col += share) {
            const int64_t part = std::min(share, cols - col);
            const float* panels = b ? b + col * steps : nullptr;
            if (!panels) {
              float* packed = Scratch(0, Up(part, kWide) * steps);
              PackCols<kHalf>(job, jc + col, part, kc, deep, packed);
              panels = packed;
            }
            Block<kHalf>(job, ic, rows, a, jc + col, part, panels, kc, deep);
          }
        });
      }
    }
  }
}

void Matmul(const MatmulJob& job) {
  if (job.half && JEBENA_HALF)
    Multiply<JEBENA_HALF != 0>(job);
  else
    Multiply<false>(job);
}

int64_t PackedSize(int64_t k, int64_t n, bool half) { return Up(n, kWide) * (half ? Steps<true>(k) : k); }

void PackB(const MatmulJob& job, void* to) {
  if (job.half)
    PackAll<true>(job, static_cast<float*>(to));
  else
    PackAll<false>(job, static_cast<float*>(to));
}

}  // namespace JEBENA_SIMD
