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
constexpr int kTiles = 8;         // tiles that meet one panel of weights in turn: fits the second cache
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

// Where there are more than 64 patches, or more groups than that, what is in a group may read a little less than it says.
void Sort(const PatchesJob& job, int64_t begin, int64_t end, List<Group>& groups) {
  for (Group& group : groups) group.rows.clear();
  size_t last = 0;
  for (int64_t row = begin; row < end; row++) {
    uint64_t there = 0;
    const int32_t* places = job.patches + row * job.per_row;
    for (int64_t o = 0; o < job.per_row; o++) there |= static_cast<uint64_t>(IsThere(job, places[o])) << (o & 63);
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

List<int64_t> PatchesOf(const PatchesJob& job, const Group& group) {
  List<int64_t> all;
  for (int64_t o = 0; o < job.per_row; o++)
    if (group.there >> (o & 63) & 1) all.push_back(o);
  return all;
}

// One tile: `count` patches of `steps` words each, their rows by address, times a panel of weights. Of its rows `high` are
// kept.
template <bool kHalf, int kHigh, int kVectors>
void PatchTile(const PatchesJob& job, const float* const* rows, const int64_t* patches, int64_t count, int64_t steps,
               const float* panel, int64_t high, const int32_t* to, int64_t col) {
  Vector sums[kHigh][kVectors] = {};
  for (int64_t n = 0; n < count; n++) {
    const float* const* at = rows + n * kTall;
    const float* b = panel + patches[n] * steps * kWide;
    for (int64_t k = 0; k < steps; k++) {
      Vector y[kVectors];
      for (int j = 0; j < kVectors; j++) {
        __builtin_prefetch(b + (k + 8) * kWide + j * kVector);
        y[j] = *reinterpret_cast<const Vector*>(b + k * kWide + j * kVector);
      }
#pragma GCC unroll 16
      for (int i = 0; i < kHigh; i++) {
        const Vector x = Repeated(at[i][k]);
#pragma GCC unroll 2
        for (int j = 0; j < kVectors; j++) MultiplyAdd<kHalf>(sums[i][j], x, y[j]);
      }
    }
  }
  for (int64_t i = 0; i < high; i++) {
    Vector row[1][kVectors];
    for (int j = 0; j < kVectors; j++) row[0][j] = sums[i][j];
    const float* bias = job.bias ? job.bias + col : nullptr;
    Store<1, kVectors>(row, Out{job.y + to[i] * job.n + col, 0, job.n - col, nullptr, 0, job.relu, 1, bias});
  }
}

template <bool kHalf, int kHigh>
void PatchTileOf(const PatchesJob& job, const float* const* rows, const List<int64_t>& patches, int64_t steps,
                 const float* panel, int64_t high, const int32_t* to, int64_t col) {
  const auto tile = job.n - col > kVector ? PatchTile<kHalf, kHigh, 2> : PatchTile<kHalf, kHigh, 1>;
  tile(job, rows, patches.data(), patches.size(), steps, panel, high, to, col);
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

template <bool kHalf>
Operands Pack(const PatchesJob& job) {
  const int64_t steps = Steps<kHalf>(job.width), panels = (job.n + kWide - 1) / kWide, size = job.per_row * steps * kWide;
  const int64_t zeros = Up(steps, 16);
  float* memory = Scratch(1, zeros + panels * size + (kHalf ? job.x_rows * steps : 0));
  Operands all{memory, memory + zeros, job.x, job.ldx, steps};
  std::fill_n(memory, steps, 0.0f);
  for (int64_t p = 0; p < panels; p++)
    for (int64_t o = 0; o < job.per_row; o++)
      PackPanel<kHalf, kWide>(job.other + p * kWide * job.ldother + o * job.width, job.ldother, 1,
                              std::min<int64_t>(kWide, job.n - p * kWide), job.width,
                              memory + zeros + p * size + o * steps * kWide);
  if (!kHalf) return all;
  float* x = memory + zeros + panels * size;
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
  constexpr int64_t kShort = kTall / 2;
  const auto patches = PatchesOf(job, group);
  const int64_t count = group.rows.size(), of_tile = job.per_row * kTall, panel = job.per_row * all.steps * kWide;
  for (int64_t top = 0; top < count; top += kTiles * kTall) {
    const int64_t high = std::min<int64_t>(kTiles * kTall, count - top);
    const int32_t* to = group.rows.data() + top;
    for (int64_t i = 0; i < Up(high, kShort); i++) {
      const int32_t* places = job.patches + to[std::min(i, high - 1)] * job.per_row;
      const float** at = rows.data() + i / kTall * of_tile + i % kTall;
      for (size_t n = 0; n < patches.size(); n++) {
        const int32_t place = places[patches[n]];
        at[n * kTall] = IsThere(job, place) ? all.x + place * all.ldx : all.zeros;
      }
    }
    for (int64_t col = 0; col < job.n; col += kWide)
      for (int64_t i = 0; i < high; i += kTall) {
        const int64_t left = std::min<int64_t>(kTall, high - i);
        const auto tile = left > kShort ? PatchTileOf<kHalf, kTall> : PatchTileOf<kHalf, kShort>;
        tile(job, rows.data() + i / kTall * of_tile, patches, all.steps, all.panels + col / kWide * panel, left, to + i, col);
      }
  }
}

template <bool kHalf>
void MultiplyPatches(const PatchesJob& job) {
  const Operands all = Pack<kHalf>(job);
  ParallelFor(job.rows, kChunk / 4, [&](int64_t begin, int64_t end) {
    List<Group> groups;
    List<const float*> rows(kTiles * job.per_row * kTall);
    for (int64_t from = begin; from < end; from += kChunk) {
      Sort(job, from, std::min(from + kChunk, end), groups);
      for (const Group& group : groups) MultiplyGroup<kHalf>(job, all, group, rows);
    }
  });
}

// Columns of rows that lie anywhere, as a panel: step after step, in bfloat16 two steps together.
template <bool kHalf, int kWidth>
void Gather(const float* const* rows, int64_t count, int64_t from, int64_t cols, float* to) {
#if defined(__AVX512F__)
  __mmask16 here[(kWidth + 15) / 16], there[(kWidth + 15) / 16];
  for (int64_t left = 0; left < kWidth; left += 16) {
    const int64_t given = std::max<int64_t>(0, std::min<int64_t>(16, cols - left));
    here[left / 16] = static_cast<__mmask16>((1u << given) - 1);
    there[left / 16] = static_cast<__mmask16>((1u << std::min<int64_t>(16, kWidth - left)) - 1);
  }
#if JEBENA_HALF
  if (kHalf) {
    alignas(64) int16_t order[32];
    for (int i = 0; i < 32; i++) order[i] = static_cast<int16_t>(i / 2 + i % 2 * 16);
    const __m512i pairs = _mm512_load_si512(order);
    for (int64_t k = 0; k < count; k += 2, to += kWidth)
      for (int64_t left = 0; left < kWidth; left += 16) {
        const __mmask16 upper = k + 1 < count ? here[left / 16] : 0;
        const __m512 a = _mm512_maskz_loadu_ps(here[left / 16], rows[k] + from + left);
        const __m512 b = _mm512_maskz_loadu_ps(upper, rows[upper ? k + 1 : k] + from + left);
        const __m512i both = _mm512_permutexvar_epi16(pairs, (__m512i)_mm512_cvtne2ps_pbh(b, a));
        _mm512_mask_storeu_ps(to + left, there[left / 16], (__m512)both);
      }
    return;
  }
#endif
  for (int64_t k = 0; k < count; k++, to += kWidth)
    for (int64_t left = 0; left < kWidth; left += 16)
      _mm512_mask_storeu_ps(to + left, there[left / 16],
                            _mm512_maskz_loadu_ps(here[left / 16], rows[k] + from + left));
#else
  for (int64_t k = 0; k < count; k++, to += kWidth) {
    std::copy_n(rows[k] + from, std::min<int64_t>(cols, kWidth), to);
    if (cols < kWidth) std::fill_n(to + cols, kWidth - cols, 0.0f);
  }
#endif
}

// What rows [begin, end) of both sides come to, into y.
template <bool kHalf>
void AddUp(const PatchesJob& job, int64_t begin, int64_t end, float* y) {
  constexpr int64_t kDeep = kHalf ? 512 : 256;  // rows at once: their panels stay in the first caches
  const int64_t cols = job.per_row * job.width, tiles = (job.n + kTall - 1) / kTall, tall = (job.n + tiles - 1) / tiles;
  // Patches of a few columns go side by side into one panel.
  const int64_t joined = job.width < kVector ? kWide / job.width : 1, wide = joined * job.width;
  std::fill_n(y, job.n * cols, 0.0f);
  float* a = Scratch(0, (tiles * kTall + kWide) * kDeep);
  float* b = a + tiles * kTall * kDeep;
  const List<float> zeros(wide, 0.0f);
  List<float> side(joined > 1 ? kDeep * wide : 0);
  List<const float*> rows(kDeep);
  List<Group> groups;
  for (int64_t from = begin; from < end; from += kChunk) {
    Sort(job, from, std::min(from + kChunk, end), groups);
    for (const Group& group : groups) {
      List<int64_t> patches;
      if (joined == 1) patches = PatchesOf(job, group);
      for (int64_t o = 0; joined > 1 && o < job.per_row; o += joined) patches.push_back(o);
      for (int64_t top = 0; top < static_cast<int64_t>(group.rows.size()); top += kDeep) {
        const int64_t count = std::min<int64_t>(kDeep, group.rows.size() - top), steps = Steps<kHalf>(count);
        const int32_t* of = group.rows.data() + top;
        for (int64_t i = 0; i < count; i++) rows[i] = job.other + of[i] * job.ldother;
        for (int64_t t = 0; t < tiles; t++)
          Gather<kHalf, kTall>(rows.data(), count, t * tall, std::min(tall, job.n - t * tall), a + t * kTall * steps);
        for (const int64_t o : patches) {
          const int64_t width = std::min(wide, cols - o * job.width);
          for (int64_t i = 0; i < count; i++) {
            if (joined > 1) rows[i] = side.data() + i * wide;
            for (int64_t p = o; p < std::min(o + joined, job.per_row); p++) {
              const int32_t place = job.patches[of[i] * job.per_row + p];
              const float* x = IsThere(job, place) ? job.x + place * job.ldx : zeros.data();
              if (joined > 1)
                std::copy_n(x, job.width, side.data() + i * wide + (p - o) * job.width);
              else
                rows[i] = x;
            }
          }
          for (int64_t col = 0; col < width; col += kWide) {
            Gather<kHalf, kWide>(rows.data(), count, col, width - col, b);
            for (int64_t t = 0; t < tiles; t++) {
              float* c = y + t * tall * cols + o * job.width + col;
              TileOf<kHalf>(std::min(tall, job.n - t * tall), steps, a + t * kTall * steps, b,
                            Out{c, cols, std::min<int64_t>(kWide, width - col), c, cols, false, 1, nullptr});
            }
          }
        }
      }
    }
  }
}

// Each thread adds up a part of the rows; the same sums for the same number of threads.
template <bool kHalf>
void AddUpPatches(const PatchesJob& job) {
  const int64_t size = job.n * job.per_row * job.width;
  const int64_t parts = std::max<int64_t>(1, std::min<int64_t>(Threads(), job.rows / 256));
  float* sums = Scratch(1, (parts - 1) * size);
  ParallelFor(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++)
      AddUp<kHalf>(job, job.rows * p / parts, job.rows * (p + 1) / parts, p == 0 ? job.y : sums + (p - 1) * size);
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
