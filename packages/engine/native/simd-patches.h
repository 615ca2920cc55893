// An operand that is given by patches: rows of a matrix, several of them side by side, as a convolution multiplies them.
#pragma once
#include <cstring>

#include "simd-pack.h"

namespace JEBENA_SIMD {

using namespace jebena;

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
static void PackPatchesOfB(const MatmulJob& job, int64_t col, int64_t cols, int64_t k, int64_t deep, int64_t whole,
                           float* to) {
  constexpr int64_t kAtOnce = 32;
  float* part = Scratch(2, kAtOnce * cols);
  for (int64_t done = 0; done < deep; done += kAtOnce) {
    const int64_t steps = std::min(kAtOnce, deep - done);
    Assemble(job, job.b, job.ldb, k + done, steps, col, cols, part);
    for (int64_t p = 0; p * kWide < cols; p++)
      PackPanel<kHalf, kWide>(part + p * kWide, 1, cols, std::min<int64_t>(kWide, cols - p * kWide), steps,
                              to + p * kWide * whole + Steps<kHalf>(done) * kWide);
  }
}

template <bool kHalf>
static void PackPatchesOfA(const MatmulJob& job, int64_t row, int64_t rows, int64_t k, int64_t deep, int64_t whole,
                           float* to) {
  float* part = Scratch(2, kTall * deep);
  for (int64_t r = 0; r < rows; r += kTall) {
    const int64_t high = std::min<int64_t>(kTall, rows - r);
    Assemble(job, job.a, job.lda, row + r, high, k, deep, part);
    PackPanel<kHalf, kTall>(part, deep, 1, high, deep, to + r * whole);
  }
}

}  // namespace JEBENA_SIMD
