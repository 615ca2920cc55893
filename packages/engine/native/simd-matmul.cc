// Matrix products after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): both operands
// are packed into panels that a kernel reads in order, and the kernel keeps a whole tile of the result in registers.
// Beside libtensorflow's own product this one takes rows and columns of larger matrices as they lie, adds to what is
// there, adds a bias and clips at zero on the way out, and rounds to bfloat16 while it packs.
#include "simd-pack.h"
#include "threads.h"

namespace JEBENA_SIMD {

using namespace jebena;

constexpr int64_t kFewSteps = 256, kNear = int64_t{1} << 17;
constexpr int64_t kDeepest = 1024;  // packed steps at once: the more, the less often the result is touched
constexpr int64_t kTaskRows = 8 * kTall, kTaskCols = 4 * kWide;  // what a thread takes: fits the second cache
constexpr int64_t kRows = 8 * kTaskRows, kCols = 128 * kWide;    // what is packed for all at once: fits the third

// Steps of the inner dimension at once: all, or parts of one length.
template <bool kHalf>
static inline int64_t Deep(int64_t k) {
  const int64_t most = kHalf ? 2 * kDeepest : kDeepest, parts = (k + most - 1) / most;
  return parts <= 1 ? most : Up((k + parts - 1) / parts, 32);
}

// Panels of columns of b, or rows of a, for `deep` steps from k; they hold `whole` floats for each column or row.
template <bool kHalf>
static void PackCols(const MatmulJob& job, int64_t col, int64_t cols, int64_t k, int64_t deep, int64_t whole,
                     float* to) {
  const float* x = job.b + (job.transpose_b ? col * job.ldb + k : k * job.ldb + col);
  PackPanels<kHalf, kWide>(x, job.transpose_b ? job.ldb : 1, job.transpose_b ? 1 : job.ldb, cols, deep, whole, to);
}

template <bool kHalf>
static void PackRows(const MatmulJob& job, int64_t row, int64_t rows, int64_t k, int64_t deep, int64_t whole,
                     float* to) {
  const float* x = job.a + (job.transpose_a ? k * job.lda + row : row * job.lda + k);
  PackPanels<kHalf, kTall>(x, job.transpose_a ? 1 : job.lda, job.transpose_a ? job.lda : 1, rows, deep, whole, to);
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
                        Steps<kHalf>(deep), base + begin * kWide * Steps<kHalf>(deep));
      });
    }
}

// Rows [row, row + rows) by columns [col, col + cols) of the result, from packed panels.
template <bool kHalf>
static void Block(const MatmulJob& job, int64_t row, int64_t rows, const float* a, int64_t col, int64_t cols,
                  const float* b, int64_t kc, int64_t deep) {
  const int64_t steps = Steps<kHalf>(deep);
  const bool first = kc == 0, last = kc + deep == job.k;
  // What few steps make is mostly written: along its rows, where the columns' panels stay in the second cache.
  const int64_t tall = deep <= kFewSteps && cols * steps <= kNear ? kTall : kTaskRows;
  for (int64_t i = 0; i < rows; i += tall)
    for (int64_t j = 0; j < cols; j += kWide)
      for (int64_t r = i; r < std::min(i + tall, rows); r += kTall) {
        float* c = job.c + (row + r) * job.ldc + col + j;
        // Of few rows each panel of b is soon done: the first two tiles bring the next one nearer, half of it each.
        const float* next = b + (j + kWide) * steps + (r > 0 ? steps * 16 : 0);
        const float* from = job.from ? job.from + (row + r) * job.ldfrom + col + j : nullptr;
        Out out{c,
                job.ldc,
                std::min<int64_t>(kWide, cols - j),
                first ? from : c,
                first ? job.ldfrom : job.ldc,
                job.relu && last,
                job.scale,
                job.bias && last ? job.bias + col + j : nullptr,
                rows <= kTaskRows && r < 2 * kTall ? next : nullptr,
                first ? job.keep : 1};
        if (job.value && last) {
          out.value = job.value + (row + r) * job.ldvalue + col + j;
          out.value_from = job.value_from + (row + r) * job.ldvalue_from + col + j;
          out.ldvalue = job.ldvalue;
          out.ldvalue_from = job.ldvalue_from;
          out.rate = job.rate;
        }
        TileOf<kHalf>(std::min<int64_t>(kTall, rows - r), steps, a + r * steps, b + j * steps, out);
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
                            steps, packed + begin * kWide * steps);
          });
          b = packed;
        }
        const int64_t share = Share(job.m, kTall, kTaskRows);
        ParallelFor((job.m + share - 1) / share, 1, [&](int64_t begin, int64_t end) {
          float* a = Scratch(0, share * steps);
          for (int64_t row = begin * share; row < std::min(end * share, job.m); row += share) {
            const int64_t rows = std::min(share, job.m - row);
            PackRows<kHalf>(job, row, rows, kc, deep, steps, a);
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
                          steps, a + begin * kTall * steps);
        });
        const int64_t share = Share(cols, kWide, kTaskCols);
        ParallelFor((cols + share - 1) / share, 1, [&](int64_t begin, int64_t end) {
          for (int64_t col = begin * share; col < std::min(end * share, cols); col += share) {
            const int64_t part = std::min(share, cols - col);
            const float* panels = b ? b + col * steps : nullptr;
            if (!panels) {
              float* packed = Scratch(0, Up(part, kWide) * steps);
              PackCols<kHalf>(job, jc + col, part, kc, deep, steps, packed);
              panels = packed;
            }
            Block<kHalf>(job, ic, rows, a, jc + col, part, panels, kc, deep);
          }
        });
      }
    }
  }
}

// a^T b, where the rows of both are steps, as in the gradient of weights: a few steps of all rows and columns are packed
// together, so that memory is read from end to end and once. The result is touched again for every few steps, so it
// must be small.
constexpr int64_t kSmallResult = int64_t{1} << 20;

template <bool kHalf>
static void MultiplyBySteps(const MatmulJob& job) {
  const int64_t whole = kHalf ? 2 * kFewSteps : kFewSteps, part = 32;
  float* a = Scratch(1, Up(job.m, kTall) * kFewSteps);
  float* b = Scratch(0, Up(job.n, kWide) * kFewSteps);
  for (int64_t kc = 0; kc < job.k; kc += whole) {
    const int64_t deep = std::min(whole, job.k - kc), steps = Steps<kHalf>(deep);
    ParallelFor((deep + part - 1) / part, 1, [&](int64_t begin, int64_t end) {
      const int64_t k = begin * part, count = std::min(end * part, deep) - k;
      PackRows<kHalf>(job, 0, job.m, kc + k, count, steps, a + Steps<kHalf>(k) * kTall);
      PackCols<kHalf>(job, 0, job.n, kc + k, count, steps, b + Steps<kHalf>(k) * kWide);
    });
    const bool by_rows = job.m >= job.n;
    const int64_t count = by_rows ? job.m : job.n;
    const int64_t share = by_rows ? Share(count, kTall, kTaskRows) : Share(count, kWide, kTaskCols);
    ParallelFor((count + share - 1) / share, 1, [&](int64_t begin, int64_t end) {
      for (int64_t at = begin * share; at < std::min(end * share, count); at += share) {
        const int64_t n = std::min(share, count - at);
        if (by_rows)
          Block<kHalf>(job, at, n, a + at * steps, 0, job.n, b, kc, deep);
        else
          Block<kHalf>(job, 0, job.m, a, at, n, b + at * steps, kc, deep);
      }
    });
  }
}

template <bool kHalf>
static void MultiplyAnyhow(const MatmulJob& job) {
  const bool by_steps = job.transpose_a && !job.transpose_b && !job.packed && job.m * job.n <= kSmallResult;
  if (by_steps && job.k > kFewSteps) return MultiplyBySteps<kHalf>(job);
  Multiply<kHalf>(job);
}

void Matmul(const MatmulJob& job) {
  if (job.half && JEBENA_HALF)
    MultiplyAnyhow<JEBENA_HALF != 0>(job);
  else
    MultiplyAnyhow<false>(job);
}

int64_t PackedSize(int64_t k, int64_t n, bool half) { return Up(n, kWide) * (half ? Steps<true>(k) : k); }

void PackB(const MatmulJob& job, void* to) {
  if (job.half)
    PackAll<true>(job, static_cast<float*>(to));
  else
    PackAll<false>(job, static_cast<float*>(to));
}

}  // namespace JEBENA_SIMD
