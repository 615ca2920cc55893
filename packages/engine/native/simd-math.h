// Functions that compilers do not vectorise by themselves, written without branches so that they do. Within 2 units in
// the last place of the C library's; polynomials after S. Moshier's Cephes library.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace JEBENA_SIMD {

static inline float FromBits(int32_t bits) {
  float x;
  std::memcpy(&x, &bits, 4);
  return x;
}
static inline int32_t ToBits(float x) {
  int32_t bits;
  std::memcpy(&bits, &x, 4);
  return bits;
}

static inline float Exp(float x) {
  float t = x > 88.8f ? 88.8f : x;
  t = t < -104.0f ? -104.0f : t;
  // Adding and taking away 1.5 * 2^23 rounds to a whole number, which is then in the lowest bits.
  const float shifted = t * 1.44269504f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  float r = t - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // Two factors reach numbers below the smallest normal one.
  const int32_t i = ToBits(shifted) - 0x4b400000;
  const int32_t half = i >> 1;
  const float y = p * FromBits((half + 127) << 23) * FromBits((i - half + 127) << 23);
  return x > 88.722839f ? std::numeric_limits<float>::infinity() : y;
}

static inline float Sigmoid(float x) { return 1.0f / (1.0f + Exp(-x)); }

static inline float Tanh(float x) {
  const float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  p = p * z * x + x;
  const float a = std::fabs(x);
  const float far = 1.0f - 2.0f / (Exp(2.0f * a) + 1.0f);
  const float signed_far = x < 0 ? -far : far;
  return a < 0.625f ? p : signed_far;
}

static inline float Log(float x) {
  const bool small = x < 1.17549435e-38f;
  const float scaled = small ? x * 8388608.0f : x;
  const int32_t bits = ToBits(scaled);
  float e = static_cast<float>((bits >> 23) - 126) - (small ? 23.0f : 0.0f);
  float m = FromBits((bits & 0x007fffff) | 0x3f000000);
  const bool low = m < 0.707106781f;
  e = low ? e - 1.0f : e;
  m = low ? m + m - 1.0f : m - 1.0f;
  const float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  p = p * m * z;
  p = p - 2.12194440e-4f * e - 0.5f * z;
  float y = m + p + 0.693359375f * e;
  y = x == std::numeric_limits<float>::infinity() ? x : y;
  y = x == 0 ? -std::numeric_limits<float>::infinity() : y;
  return x < 0 || x != x ? std::numeric_limits<float>::quiet_NaN() : y;
}

}  // namespace JEBENA_SIMD
