// Products of patches, rows of a matrix side by side, as a convolution multiplies them. Patches say everything several
// times over, so they are not written: the kernel takes each of their rows from where it lies. Rows that read the same
// patches are multiplied together, and only by what is there: the edges of a plane, and the gaps that a subsampling
// convolution leaves on its way back, cost nothing.
#include <vector>

#include "simd-pack.h"
#include "threads.h"

namespace JEBENA_SIMD {

using namespace jebena;

namespace {

constexpr int64_t kChunk = 2048;  // rows that are sorted at once
// Columns that are left over, up to a vector, join the panel before them: tiles of one vector are half as good.
constexpr int kWidest = kWide + kVector;
constexpr int kLow = kVector == 16 ? 9 : 4;  // rows of a tile that wide
constexpr int64_t kRows = kTall * kLow;      // rows that meet one panel of weights in turn: fit the second cache
constexpr size_t kMostGroups = 64;

// Templates of the standard library that are not inlined would be shared with files for lesser CPUs: an allocator of
// this file's own makes them this file's.
template <typename T>
struct Here : std::allocator<T> {
  template <typename U>
  struct rebind {
    typedef Here<U> other;
  };
};
template <typename T>
using List = std::vector<T, Here<T>>;

// Rows of a chunk that read the same patches, and which those are.
struct Group {
  uint64_t there;
  List<int32_t> rows;
};

bool IsThere(const PatchesJob& job, int32_t place) { return place >= 0 && place < job.x_rows; }

// Which patches of a row are there: a bit for each, and one for several where there are more than 64.
uint64_t WhatIsThere(const PatchesJob& job, const int32_t* places) {
  uint64_t there = 0;
#if defined(__AVX512F__)
  const __m512i rows = _mm512_set1_epi32(static_cast<int32_t>(job.x_rows));
  for (int64_t o = 0; o < job.per_row; o += 16) {
    const int64_t left = std::min<int64_t>(16, job.per_row - o);
    const __mmask16 mask = static_cast<__mmask16>((1u << left) - 1);
    const __mmask16 some = _mm512_mask_cmplt_epu32_mask(mask, _mm512_maskz_loadu_epi32(mask, places + o), rows);
    there |= static_cast<uint64_t>(some) << (o & 63);
  }
#else
  for (int64_t o = 0; o < job.per_row; o++) there |= static_cast<uint64_t>(IsThere(job, places[o])) << (o & 63);
#endif
  return there;
}

// Where there are more than 64 patches, or more groups than that, what is in a group may read a little less than it says.
void Sort(const PatchesJob& job, int64_t begin, int64_t end, List<Group>& groups) {
  for (Group& group : groups) group.rows.clear();
  size_t last = 0;
  for (int64_t row = begin; row < end; row++) {
    const uint64_t there = WhatIsThere(job, job.patches + row * job.per_row);
    if (groups.empty() || groups[last].there != there) {
      last = 0;
      while (last < groups.size() && groups[last].there != there) last++;
      if (last == groups.size() && last < kMostGroups)
        groups.push_back({there, {}});
      else if (last == groups.size())
        groups[last = 0].there |= there;
    }
    groups[last].rows.push_back(static_cast<int32_t>(row));
  }
}

// Patches of a few columns, written side by side.
void PatchesSideBySide(const PatchesJob& job, int64_t row, float* to) {
  for (int64_t o = 0; o < job.per_row; o++, to += job.width) {
    const int32_t place = job.patches[row * job.per_row + o];
    for (int64_t c = 0; c < job.width; c++) to[c] = IsThere(job, place) ? job.x[place * job.ldx + c] : 0.0f;
  }
}

List<int64_t> PatchesOf(const PatchesJob& job, const Group& group) {
  List<int64_t> all;
  for (int64_t o = 0; o < job.per_row; o++)
    if (group.there >> (o & 63) & 1) all.push_back(o);
  return all;
}

// One tile: `count` patches of `steps` words each, their rows by address, times a panel of weights. Of its rows `high` are
// kept.
template <bool kHalf, int kHigh, int kVectors, int kPanel>
void PatchTile(const PatchesJob& job, const float* const* rows, const int64_t* patches, int64_t count, int64_t steps,
               const float* panel, int64_t high, const int32_t* to, int64_t col) {
  Vector sums[kHigh][kVectors] = {};
  // What is written at the end is wanted by then.
#pragma GCC unroll 16
  for (int i = 0; i < kHigh; i++)
    if (i < high)
      for (int j = 0; j < kVectors; j++) __builtin_prefetch(job.y + to[i] * job.n + col + j * kVector, 1);
  for (int64_t n = 0; n < count; n++) {
    const float* const* at = rows + n * kRows;
    const float* b = panel + patches[n] * steps * kPanel;
    for (int64_t k = 0; k < steps; k++) {
      Vector y[kVectors];
      for (int j = 0; j < kVectors; j++) {
        __builtin_prefetch(b + (k + 8) * kPanel + j * kVector);
        y[j] = *reinterpret_cast<const Vector*>(b + k * kPanel + j * kVector);
      }
#pragma GCC unroll 16
      for (int i = 0; i < kHigh; i++) {
        const Vector x = Repeated(at[i][k]);
#pragma GCC unroll 3
        for (int j = 0; j < kVectors; j++) MultiplyAdd<kHalf>(sums[i][j], x, y[j]);
      }
    }
  }
  const float* bias = job.bias ? job.bias + col : nullptr;
  // Unrolled: what is indexed by a variable would not stay in registers.
#pragma GCC unroll 16
  for (int i = 0; i < kHigh; i++) {
    if (i >= high) return;
    Vector row[1][kVectors];
    for (int j = 0; j < kVectors; j++) row[0][j] = sums[i][j];
    Store<1, kVectors>(row, Out{job.y + to[i] * job.n + col, 0, job.n - col, nullptr, 0, job.relu, 1, bias});
  }
}

// Rows of a block times one panel of weights.
template <bool kHalf, int kHigh, int kVectors, int kPanel>
void PatchTiles(const PatchesJob& job, const float* const* rows, const List<int64_t>& patches, int64_t steps,
                const float* panel, int64_t high, const int32_t* to, int64_t col) {
  constexpr int kHalfHigh = (kHigh + 1) / 2;
  for (int64_t i = 0; i < high; i += kHigh) {
    const int64_t left = std::min<int64_t>(kHigh, high - i);
    const auto tile = left > kHalfHigh ? PatchTile<kHalf, kHigh, kVectors, kPanel>
                                       : PatchTile<kHalf, kHalfHigh, kVectors, kPanel>;
    tile(job, rows + i, patches.data(), patches.size(), steps, panel, left, to + i, col);
  }
}

// A row in bfloat16: its pairs side by side.
void ToPairs(const float* x, int64_t width, float* to) {
  int64_t c = 0;
#if JEBENA_HALF
  for (; c + 32 <= width; c += 32) _mm512_storeu_ps(to + c / 2, Words<true>(x + c));
#endif
  uint32_t* pairs = reinterpret_cast<uint32_t*>(to);
  for (; c < width; c += 2) pairs[c / 2] = Half(x[c]) | (c + 1 < width ? Half(x[c + 1]) << 16 : 0);
}

// What all threads read: zeros for the patches that are not there, the weights in panels, and in bfloat16 x itself,
// the pairs of a row side by side.
struct Operands {
  const float *zeros, *panels, *x;
  int64_t ldx, steps;
};

// Columns that a panel from `col` on holds, were there enough of them.
int64_t PanelWidth(int64_t n, int64_t col) { return n - col > kWide && n - col <= kWidest ? kWidest : kWide; }

template <bool kHalf>
Operands Pack(const PatchesJob& job) {
  const int64_t steps = Steps<kHalf>(job.width), size = job.per_row * steps, cols = Up(job.n, kWide) + kVector;
  const int64_t zeros = Up(steps, 16);
  float* memory = Scratch(1, zeros + cols * size + (kHalf ? job.x_rows * steps : 0));
  Operands all{memory, memory + zeros, job.x, job.ldx, steps};
  std::fill_n(memory, steps, 0.0f);
  for (int64_t col = 0, width; col < job.n; col += width) {
    width = PanelWidth(job.n, col);
    const auto pack = width == kWide ? PackPanel<kHalf, kWide> : PackPanel<kHalf, kWidest>;
    for (int64_t o = 0; o < job.per_row; o++)
      pack(job.other + col * job.ldother + o * job.width, job.ldother, 1, std::min(width, job.n - col), job.width,
           memory + zeros + col * size + o * steps * width);
  }
  if (!kHalf) return all;
  float* x = memory + zeros + cols * size;
  ParallelFor(job.x_rows, 256, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) ToPairs(job.x + r * job.ldx, job.width, x + r * steps);
  });
  all.x = x;
  all.ldx = steps;
  return all;
}

// Rows of the result that read the same patches.
template <bool kHalf>
void MultiplyGroup(const PatchesJob& job, const Operands& all, const Group& group, List<const float*>& rows) {
  const auto patches = PatchesOf(job, group);
  const int64_t count = group.rows.size(), size = job.per_row * all.steps;
  for (int64_t top = 0; top < count; top += kRows) {
    const int64_t high = std::min<int64_t>(kRows, count - top);
    const int32_t* to = group.rows.data() + top;
    for (int64_t i = 0; i < high; i++) {
      const int32_t* places = job.patches + to[i] * job.per_row;
      const float** at = rows.data() + i;
      for (const int64_t o : patches) {
        *at = IsThere(job, places[o]) ? all.x + places[o] * all.ldx : all.zeros;
        at += kRows;
      }
    }
    for (int64_t col = 0, width; col < job.n; col += width) {
      width = PanelWidth(job.n, col);
      const auto tiles = width == kWidest           ? PatchTiles<kHalf, kLow, 3, kWidest>
                         : job.n - col > kVector ? PatchTiles<kHalf, kTall, 2, kWide>
                                                 : PatchTiles<kHalf, kTall, 1, kWide>;
      tiles(job, rows.data(), patches, all.steps, all.panels + col * size, high, to, col);
    }
  }
}

template <bool kHalf>
void MultiplyPatches(const PatchesJob& job) {
  const Operands all = Pack<kHalf>(job);
  ParallelFor(job.rows, kChunk / 4, [&](int64_t begin, int64_t end) {
    List<Group> groups;
    // Some tiles reach beyond their block: all read something.
    List<const float*> rows(job.per_row * kRows + kTall, all.zeros);
    for (int64_t from = begin; from < end; from += kChunk) {
      Sort(job, from, std::min(from + kChunk, end), groups);
      for (const Group& group : groups) MultiplyGroup<kHalf>(job, all, group, rows);
    }
  });
}

// A tile of a^T b, whose steps' rows are given by address, added to what is there. What comes next is brought nearer, a
// line a step.
template <bool kHalf, int kHigh, int kVectors>
void StepsTile(int64_t steps, const float* const* a, int64_t row, const float* const* b, int64_t col,
               const float* ahead, const Out& out) {
  Vector sums[kHigh][kVectors] = {};
  for (int64_t k = 0; k < steps; k++) {
    __builtin_prefetch(ahead + k * 16, 0, 2);
    const float *at = a[k] + row, *other = b[k] + col;
    Vector y[kVectors];
    for (int j = 0; j < kVectors; j++) y[j] = *reinterpret_cast<const Vector*>(other + j * kVector);
#pragma GCC unroll 16
    for (int i = 0; i < kHigh; i++) {
      const Vector x = Repeated(at[i]);
#pragma GCC unroll 3
      for (int j = 0; j < kVectors; j++) MultiplyAdd<kHalf>(sums[i][j], x, y[j]);
    }
  }
  Store<kHigh, kVectors>(sums, out);
}

template <bool kHalf, int kHigh, int kVectors>
void StepsTileOf(int64_t high, int64_t steps, const float* const* a, int64_t row, const float* const* b, int64_t col,
                 const float* ahead, const Out& out) {
  if (high == kHigh) return StepsTile<kHalf, kHigh, kVectors>(steps, a, row, b, col, ahead, out);
  if constexpr (kHigh > 1) StepsTileOf<kHalf, kHigh - 1, kVectors>(high, steps, a, row, b, col, ahead, out);
}

// Adds a^T b to c, where a has `high` columns and b has `cols`, in whole vectors.
template <bool kHalf>
void AddSteps(int64_t steps, const float* const* a, int64_t high, const float* const* b, int64_t cols, float* c,
              int64_t ldc, const float* ahead) {
  for (int64_t col = 0, width; col < cols; col += width) {
    width = PanelWidth(cols, col);
    const int64_t most = width == kWidest ? kLow : kTall, tiles = (high + most - 1) / most;
    const int64_t tall = (high + tiles - 1) / tiles, given = std::min(width, cols - col);
    const auto tile = width == kWidest    ? StepsTileOf<kHalf, kLow, 3>
                      : given > kVector ? StepsTileOf<kHalf, kTall, 2>
                                        : StepsTileOf<kHalf, kTall, 1>;
    for (int64_t row = 0; row < high; row += tall) {
      float* to = c + row * ldc + col;
      tile(std::min(tall, high - row), steps, a, row, b, col, ahead, Out{to, ldc, given, to, ldc, false, 1, nullptr});
      ahead += 16 * steps;
    }
  }
}

// Rows that lie anywhere, side by side in whole vectors; in bfloat16 pairs of them as one row.
template <bool kHalf>
void Gather(const float* const* rows, int64_t count, int64_t cols, float* to) {
  const int64_t wide = Up(cols, kVector);
#if JEBENA_HALF
  if (kHalf) {
    alignas(64) int16_t order[32];
    for (int i = 0; i < 32; i++) order[i] = static_cast<int16_t>(i / 2 + i % 2 * 16);
    const __m512i pairs = _mm512_load_si512(order);
    const auto both = [&](__m512 a, __m512 b) {
      return (__m512)_mm512_permutexvar_epi16(pairs, (__m512i)_mm512_cvtne2ps_pbh(b, a));
    };
    const __mmask16 last = static_cast<__mmask16>((1u << (cols % 16)) - 1);
    for (int64_t k = 0; k < count; k += 2, to += wide) {
      const float *a = rows[k], *b = k + 1 < count ? rows[k + 1] : nullptr;
      int64_t c = 0;
      for (; c + 16 <= cols; c += 16)
        _mm512_storeu_ps(to + c, both(_mm512_loadu_ps(a + c), b ? _mm512_loadu_ps(b + c) : _mm512_setzero_ps()));
      if (c < cols)
        _mm512_storeu_ps(to + c, both(_mm512_maskz_loadu_ps(last, a + c),
                                      b ? _mm512_maskz_loadu_ps(last, b + c) : _mm512_setzero_ps()));
    }
    return;
  }
#endif
  for (int64_t k = 0; k < count; k++, to += wide) {
    std::copy_n(rows[k], cols, to);
    std::fill(to + cols, to + wide, 0.0f);
  }
}

constexpr int64_t kDeep = 256;  // steps at once: their panels stay in the second cache

// Rows for a product by steps: in float as they lie, where a row is whole vectors or need not be, else gathered.
template <bool kHalf>
struct Side {
  Side(int64_t cols, bool whole, float* memory)
      : gathers(kHalf || (whole && cols % kVector)), cols(cols), memory(memory), rows(kDeep * (kHalf ? 2 : 1)) {
    for (int64_t k = 0; gathers && k < kDeep; k++) panel.push_back(memory + k * Up(cols, kVector));
  }
  const float* const* Steps(int64_t count) {
    if (!gathers) return rows.data();
    Gather<kHalf>(rows.data(), count, cols, memory);
    return panel.data();
  }
  const bool gathers;
  const int64_t cols;
  float* const memory;
  List<const float*> rows, panel;
};

// What rows [begin, end) of both sides come to, into y.
template <bool kHalf>
void AddUp(const PatchesJob& job, int64_t begin, int64_t end, float* y) {
  constexpr int64_t kCount = kHalf ? 2 * kDeep : kDeep;
  const int64_t cols = job.per_row * job.width, wide = Up(job.width, kVector);
  std::fill_n(y, job.n * cols, 0.0f);
  float* memory = Scratch(0, wide + (Up(job.n, kVector) + wide) * kDeep);
  std::fill_n(memory, wide, 0.0f);
  Side<kHalf> a(job.n, false, memory + wide), b(job.width, true, memory + wide + Up(job.n, kVector) * kDeep);
  List<Group> groups;
  for (int64_t from = begin; from < end; from += kChunk) {
    Sort(job, from, std::min(from + kChunk, end), groups);
    for (const Group& group : groups) {
      const auto patches = PatchesOf(job, group);
      for (int64_t top = 0; top < static_cast<int64_t>(group.rows.size()); top += kCount) {
        const int64_t count = std::min<int64_t>(kCount, group.rows.size() - top);
        const int32_t* of = group.rows.data() + top;
        for (int64_t i = 0; i < count; i++) a.rows[i] = job.other + of[i] * job.ldother;
        const float* const* left = a.Steps(count);
        const float* ahead = a.rows[count - 1];
        for (const int64_t o : patches) {
          for (int64_t i = 0; i < count; i++) {
            const int32_t place = job.patches[of[i] * job.per_row + o];
            b.rows[i] = IsThere(job, place) ? job.x + place * job.ldx : memory;
          }
          AddSteps<kHalf>(Steps<kHalf>(count), left, job.n, b.Steps(count), job.width, y + o * job.width, cols, ahead);
          ahead = b.rows[count - 1];
        }
      }
    }
  }
}

// The same where patches have few columns: all of a row side by side, and it is the other side that comes in vectors.
void AddUpNarrow(const PatchesJob& job, int64_t begin, int64_t end, float* y) {
  const int64_t cols = job.per_row * job.width;
  float* memory = Scratch(0, cols * (kDeep + job.n) + Up(job.n, kVector) * kDeep);
  float *sums = memory + cols * kDeep;
  std::fill_n(sums, cols * job.n, 0.0f);
  Side<false> a(cols, false, nullptr), b(job.n, true, sums + cols * job.n);
  for (int64_t k = 0; k < kDeep; k++) a.rows[k] = memory + k * cols;
  for (int64_t top = begin; top < end; top += kDeep) {
    const int64_t count = std::min(kDeep, end - top);
    for (int64_t i = 0; i < count; i++) {
      b.rows[i] = job.other + (top + i) * job.ldother;
      PatchesSideBySide(job, top + i, memory + i * cols);
    }
    AddSteps<false>(count, a.rows.data(), cols, b.Steps(count), job.n, sums, job.n, b.rows[count - 1]);
  }
  for (int64_t r = 0; r < job.n; r++)
    for (int64_t c = 0; c < cols; c++) y[r * cols + c] = sums[c * job.n + r];
}

// Each thread adds up a part of the rows; the same sums for the same number of threads.
template <bool kHalf>
void AddUpPatches(const PatchesJob& job) {
  const int64_t size = job.n * job.per_row * job.width;
  const int64_t parts = std::max<int64_t>(1, std::min<int64_t>(Threads(), job.rows / 256));
  float* sums = Scratch(1, (parts - 1) * size);
  ParallelFor(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++)
      (job.width < kVector ? AddUpNarrow : AddUp<kHalf>)(job, job.rows * p / parts, job.rows * (p + 1) / parts,
                                                         p == 0 ? job.y : sums + (p - 1) * size);
  });
  for (int64_t p = 1; p < parts; p++)
    for (int64_t i = 0; i < size; i++) job.y[i] += sums[(p - 1) * size + i];
}

}  // namespace

void Patches(const PatchesJob& job) {
  if (job.half && JEBENA_HALF)
    MultiplyPatches<JEBENA_HALF != 0>(job);
  else
    MultiplyPatches<false>(job);
}

void PatchesGradient(const PatchesJob& job) {
  // Patches of a few columns are not worth their rounding.
  if (job.half && JEBENA_HALF && job.width >= kVector)
    AddUpPatches<JEBENA_HALF != 0>(job);
  else
    AddUpPatches<false>(job);
}

}  // namespace JEBENA_SIMD
