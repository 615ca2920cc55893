// The inner loops. Each simd-*.cc is compiled once for every kind of CPU; the best that this one has is chosen when
// the addon starts (cpu.cc).
#pragma once
#include <cstdint>

namespace jebena {

// An operand of an elementwise program: a matrix, or a row, a column or a number that is repeated.
struct Operand {
  const float* data;
  int64_t ld;
  bool by_row, by_col;  // whether it moves with the row, with the column
};

// Instructions are five numbers: operation, destination, operands. Places 0-31 are temporaries, 32-47 inputs, 48-63
// parameters, 64-71 outputs. elementwise.ts writes them.
enum Code : int32_t {
  kCopy, kAdd, kSub, kMul, kDiv, kMax, kMin, kGreater, kLess, kMulAdd, kSelect,
  kRelu, kSigmoid, kTanh, kExp, kLog, kSqrt, kRsqrt, kSquare, kAbs, kNeg, kSign, kReciprocal,
  kReluGrad, kSigmoidGrad, kTanhGrad,
};
constexpr int kInputs = 32, kParameters = 48, kOutputs = 64, kPlaces = 72;
constexpr int64_t kBlock = 512;  // a program of a dozen operands and temporaries stays in the first cache

struct MapJob {
  const int32_t* code;
  int instructions;
  const float* parameters;
  int parameter_count;
  Operand in[16];
  int ins;
  float* out[8];
  int64_t out_ld[8];
  int outs;
  int64_t rows, cols;
};

enum RowJob : int32_t { kSoftmax, kLogSoftmax, kLogSoftmaxGrad, kSumCols, kDotCols, kMaxCols, kArgMaxCols };

struct MatmulJob {
  const float *a, *b;
  float* c;
  int64_t m, n, k, lda, ldb, ldc;
  bool transpose_a, transpose_b;
  const float* bias;  // one for each column, or null
  bool relu;
  const float* from;   // c = from + scale * product, where not null; it may be c itself
  int64_t ldfrom;
  float scale;
  bool half;  // multiply in bfloat16
  const void* packed;  // b as PackB left it, or null
  float keep = 1;      // what `from` is multiplied by
  // Where not null: value = value_from + rate * c, of c's size, while c is at hand.
  float* value = nullptr;
  const float* value_from = nullptr;
  int64_t ldvalue = 0, ldvalue_from = 0;
  float rate = 0;
};

// A product of which one side, P, is given by rows of a matrix x: row i of P is rows patches[i * per_row] and on of x side
// by side; those that x does not have are zeros. What a convolution multiplies.
struct PatchesJob {
  const float* x;
  int64_t x_rows, width, ldx;
  const int32_t* patches;
  int64_t rows, per_row;
  const float* other;  // n x (per_row * width), or rows x n
  int64_t n, ldother;
  const float* bias;  // one for each column, or null
  bool relu;          // clip at zero
  float* y;           // rows x n, or n x (per_row * width)
  bool half;          // multiply in bfloat16
};

struct Simd {
  // Rows [begin, end) of an elementwise program.
  void (*map)(const MapJob& job, int64_t begin, int64_t end);
  // The same, its outputs not kept but added up over the rows: into sums (outs x cols doubles; not cleared).
  void (*map_sums)(const MapJob& job, int64_t begin, int64_t end, double* sums);
  // Rows [begin, end): y is rows x cols, or rows x 1.
  void (*rows)(RowJob job, const float* a, int64_t lda, const float* b, int64_t ldb, float* y, int64_t ldy,
               int64_t cols, int64_t begin, int64_t end);
  // Adds up rows [begin, end) of a, or of a * b where b is not null, into sums (doubles; not cleared).
  void (*sum_rows)(const float* a, int64_t lda, const float* b, int64_t ldb, int64_t cols, int64_t begin, int64_t end,
                   double* sums);
  // Null where this kind of CPU is left to libtensorflow.
  void (*matmul)(const MatmulJob& job);
  // Floats that PackB writes for a k x n operand; and the packing.
  int64_t (*packed_size)(int64_t k, int64_t n, bool half);
  void (*pack_b)(const MatmulJob& job, void* to);
  // P other^T + bias, and other^T P.
  void (*patches)(const PatchesJob& job);
  void (*patches_gradient)(const PatchesJob& job);
  // Eigenvalues, and as rows the vectors, of the symmetric n x n matrix whose lower triangle a holds; a is used up, `work` is
  // 2 n + 1 doubles. False where it does not converge.
  bool (*symmetric_eigen)(double* a, int64_t n, double* values, double* vectors, double* work);
  bool half;  // has bfloat16 products
};

extern const Simd simd_baseline;
extern const Simd simd_avx2;
extern const Simd simd_avx512;
extern const Simd simd_avx512bf16;

}  // namespace jebena
