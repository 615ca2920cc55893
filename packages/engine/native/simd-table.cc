#include "simd.h"

namespace JEBENA_SIMD {
using namespace jebena;
void Map(const MapJob&, int64_t, int64_t);
void MapSums(const MapJob&, int64_t, int64_t, double*);
void Rows(RowJob, const float*, int64_t, const float*, int64_t, float*, int64_t, int64_t, int64_t, int64_t);
void SumRows(const float*, int64_t, const float*, int64_t, int64_t, int64_t, int64_t, double*);
void Matmul(const MatmulJob&);
int64_t PackedSize(int64_t, int64_t, bool);
void PackB(const MatmulJob&, void*);
void Patches(const PatchesJob&);
void PatchesGradient(const PatchesJob&);
bool SymmetricEigen(double*, int64_t, double*, double*, double*);
}  // namespace JEBENA_SIMD

#if defined(__AVX2__)
#define JEBENA_MATMUL JEBENA_SIMD::Matmul
#else
#define JEBENA_MATMUL nullptr
#endif
#if defined(__AVX512BF16__)
#define JEBENA_HALF true
#else
#define JEBENA_HALF false
#endif
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

const jebena::Simd jebena::JOIN(simd_, JEBENA_SIMD_NAME) = {
    JEBENA_SIMD::Map, JEBENA_SIMD::MapSums,    JEBENA_SIMD::Rows,  JEBENA_SIMD::SumRows,
    JEBENA_MATMUL,    JEBENA_SIMD::PackedSize, JEBENA_SIMD::PackB, JEBENA_SIMD::Patches,
    JEBENA_SIMD::PatchesGradient, JEBENA_SIMD::SymmetricEigen, JEBENA_HALF};
