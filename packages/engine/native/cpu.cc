#include "cpu.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "best-simd.h"
#include "napi.h"
#include "simd.h"

namespace jebena {

namespace {

struct Kind {
  const char* name;
  const Simd* simd;
  bool here;
};

// The kinds of CPU that the loops are compiled for, the best last. JEBENA_SIMD names a lesser one to take, for tests.
const Kind& BestKind() {
  static const Kind best = [] {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    const Kind kinds[] = {
        {"baseline", &simd_baseline, true},
#if defined(__x86_64__)
        {"avx2", &simd_avx2, avx2},
        {"avx512", &simd_avx512, avx512},
#if defined(JEBENA_HAS_AVX512BF16)
        {"avx512bf16", &simd_avx512bf16, avx512 && __builtin_cpu_supports("avx512bf16")},
#endif
#endif
    };
    const char* wanted = std::getenv("JEBENA_SIMD");
    Kind best = kinds[0];
    for (const Kind& kind : kinds) {
      if (kind.here) best = kind;
      if (wanted && std::strcmp(wanted, kind.name) == 0) break;
    }
    return best;
  }();
  return best;
}

}  // namespace

const Simd& BestSimd() { return *BestKind().simd; }

namespace {

// symmetricEigen(a, n, values, vectors): Float64Arrays; whether it converged.
napi_value SymmetricEigen(Args& args) {
  const auto doubles = [&](size_t i, size_t wanted) {
    size_t length;
    double* data = args.Typed<double>(i, napi_float64_array, &length);
    if (length != wanted) throw std::runtime_error("symmetricEigen: the sizes differ");
    return data;
  };
  const size_t n = args.Int(1);
  std::vector<double> work(2 * n + 1);
  const bool found = BestSimd().symmetric_eigen(doubles(0, n * n), n, doubles(2, n), doubles(3, n * n), work.data());
  napi_value out;
  napi_get_boolean(args.env, found, &out);
  return out;
}

// kernels(): which kind of CPU they are compiled for.
napi_value Kernels(Args& args) {
  napi_value out;
  napi_create_string_utf8(args.env, BestKind().name, NAPI_AUTO_LENGTH, &out);
  return out;
}

}  // namespace

void ExportCpu(napi_env env, napi_value exports) {
  Export<SymmetricEigen>(env, exports, "symmetricEigen");
  Export<Kernels>(env, exports, "kernels");
  ExportMaps(env, exports);
  ExportSums(env, exports);
  ExportProducts(env, exports);
  ExportMomentum(env, exports);
  ExportLayout(env, exports);
}

}  // namespace jebena
