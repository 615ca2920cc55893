#include <algorithm>
#include <cmath>
#include <limits>

#include "simd.h"

namespace JEBENA_SIMD {

typedef double Doubles __attribute__((vector_size(64), aligned(8), may_alias));

static inline double Dot(const double* x, const double* y, int64_t n) {
  Doubles sums = {};
  int64_t i = 0;
  for (const int64_t whole = n & ~int64_t{7}; i < whole; i += 8)
    sums += *reinterpret_cast<const Doubles*>(x + i) * *reinterpret_cast<const Doubles*>(y + i);
  double total = 0;
  for (; i < n; i++) total += x[i] * y[i];
  for (int k = 0; k < 8; k++) total += sums[k];
  return total;
}

// A = Q T Q^T. Row i of a is left holding the vector u of the reflection I - u u^T / h[i] that cleared it (h 0: none was
// needed), the diagonal of a being T's; below[i] stands between i - 1 and i.
static void Tridiagonal(double* a, int64_t n, double* h, double* below, double* p) {
  h[0] = below[0] = 0;
  for (int64_t i = n - 1; i > 0; i--) {
    double* u = a + i * n;
    const double last = u[i - 1], size = Dot(u, u, i);
    h[i] = 0;
    below[i] = last;
    if (Dot(u, u, i - 1) == 0) continue;
    below[i] = last > 0 ? -std::sqrt(size) : std::sqrt(size);
    h[i] = size - last * below[i];  // u^T u / 2
    u[i - 1] = last - below[i];
    // p = A u / h, of the lower triangle alone
    std::fill_n(p, i, 0.0);
    for (int64_t j = 0; j < i; j++) {
      const double* row = a + j * n;
      p[j] += Dot(row, u, j + 1);
      const double uj = u[j];
#pragma GCC ivdep
      for (int64_t k = 0; k < j; k++) p[k] += row[k] * uj;
    }
    for (int64_t j = 0; j < i; j++) p[j] /= h[i];
    const double along = Dot(p, u, i) / (2 * h[i]);
    for (int64_t j = 0; j < i; j++) p[j] -= along * u[j];
    for (int64_t j = 0; j < i; j++) {
      double* row = a + j * n;
      const double uj = u[j], pj = p[j];
#pragma GCC ivdep
      for (int64_t k = 0; k <= j; k++) row[k] -= uj * p[k] + pj * u[k];
    }
  }
}

// Q^T by rows: the reflections one after the other, from the inside, where few rows are touched.
static void Reflected(const double* a, int64_t n, const double* h, double* q) {
  std::fill_n(q, n * n, 0.0);
  for (int64_t i = 0; i < n; i++) q[i * n + i] = 1;
  for (int64_t i = 1; i < n; i++) {
    if (h[i] == 0) continue;
    const double* u = a + i * n;
    for (int64_t j = 0; j < i; j++) {
      double* row = q + j * n;
      const double along = Dot(row, u, i) / h[i];
#pragma GCC ivdep
      for (int64_t k = 0; k < i; k++) row[k] -= along * u[k];
    }
  }
}

// d becomes the eigenvalues, the rows of v the vectors; e[i] stands between i and i + 1.
static bool ImplicitQl(double* d, double* e, double* v, int64_t n) {
  for (int64_t l = 0; l < n; l++)
    for (int tries = 0;; tries++) {
      int64_t m = l;
      const auto small = [&](int64_t i) {
        return std::fabs(e[i]) <= std::numeric_limits<double>::epsilon() * (std::fabs(d[i]) + std::fabs(d[i + 1]));
      };
      while (m < n - 1 && !small(m)) m++;
      if (m == l) break;
      if (tries == 60 || e[l] != e[l]) return false;
      double g = (d[l + 1] - d[l]) / (2 * e[l]), r = std::sqrt(g * g + 1);
      g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r));
      double s = 1, c = 1, p = 0;
      int64_t i = m - 1;
      for (; i >= l; i--) {
        const double f = s * e[i], b = c * e[i];
        e[i + 1] = r = std::sqrt(f * f + g * g);
        if (r == 0) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        double *x = v + i * n, *y = x + n;
#pragma GCC ivdep
        for (int64_t k = 0; k < n; k++) {
          const double turned = s * x[k] + c * y[k];
          x[k] = c * x[k] - s * y[k];
          y[k] = turned;
        }
      }
      if (i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  return true;
}

// Householder's tridiagonal form, then QL with implicit shifts (Golub and Van Loan, "Matrix Computations", 8.3), every inner
// loop along a row: several times as fast as walking down columns.
bool SymmetricEigen(double* a, int64_t n, double* values, double* vectors, double* work) {
  double *below = work, *p = work + n + 1;
  Tridiagonal(a, n, values, below, p);
  Reflected(a, n, values, vectors);
  for (int64_t i = 0; i < n; i++) values[i] = a[i * n + i];
  below[n] = 0;
  if (!ImplicitQl(values, below + 1, vectors, n)) return false;
  return std::all_of(values, values + n, [](double value) { return std::isfinite(value); });
}

}  // namespace JEBENA_SIMD
