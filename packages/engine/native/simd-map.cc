#include <algorithm>
#include <vector>

#include "simd.h"
#include "simd-math.h"

namespace JEBENA_SIMD {

using namespace jebena;

// An output may be an input's own memory: at the same place, so no iteration depends on another.
#define EACH(expression)                       \
  do {                                         \
    _Pragma("GCC ivdep") for (int64_t i = 0; i < n; i++) d[i] = expression; \
  } while (0);                                 \
  break

static void Instruction(int32_t code, float* d, const float* a, const float* b, const float* c, int64_t n) {
  switch (code) {
    case kCopy: EACH(a[i]);
    case kAdd: EACH(a[i] + b[i]);
    case kSub: EACH(a[i] - b[i]);
    case kMul: EACH(a[i] * b[i]);
    case kDiv: EACH(a[i] / b[i]);
    case kMax: EACH(a[i] > b[i] ? a[i] : b[i]);
    case kMin: EACH(a[i] < b[i] ? a[i] : b[i]);
    case kGreater: EACH(a[i] > b[i] ? 1.0f : 0.0f);
    case kLess: EACH(a[i] < b[i] ? 1.0f : 0.0f);
    case kMulAdd: EACH(a[i] * b[i] + c[i]);
    case kSelect: EACH(a[i] != 0 ? b[i] : c[i]);
    case kRelu: EACH(a[i] < 0 ? 0.0f : a[i]);
    case kSigmoid: EACH(Sigmoid(a[i]));
    case kTanh: EACH(Tanh(a[i]));
    case kExp: EACH(Exp(a[i]));
    case kLog: EACH(Log(a[i]));
    case kSqrt: EACH(std::sqrt(a[i]));
    case kRsqrt: EACH(1.0f / std::sqrt(a[i]));
    case kSquare: EACH(a[i] * a[i]);
    case kAbs: EACH(std::fabs(a[i]));
    case kNeg: EACH(-a[i]);
    case kSign: EACH(a[i] > 0 ? 1.0f : a[i] < 0 ? -1.0f : a[i]);
    case kReciprocal: EACH(1.0f / a[i]);
    case kReluGrad: EACH(a[i] > 0 ? b[i] : 0.0f);
    case kSigmoidGrad: EACH(b[i] * a[i] * (1.0f - a[i]));
    case kTanhGrad: EACH(b[i] * (1.0f - a[i] * a[i]));
  }
}

// Where the operands of a block of a row are.
class Places {
 public:
  // writes: whether the outputs are those of the job, and not only added up.
  Places(const MapJob& job, bool writes) : job_(job) {
    for (int i = 0; i < job.ins; i++)
      if (job.in[i].by_col && (job.in[i].by_row || job.rows == 1)) Streams(kInputs + i, job.in[i].ld);
    for (int o = 0; writes && o < job.outs; o++) {
      const auto same = [&](const Operand& in) { return in.data == job.out[o]; };
      if (std::none_of(job.in, job.in + job.ins, same)) Streams(kOutputs + o, job.out_ld[o]);
    }
    // What repeats within a row (numbers, columns) is written out once a block, so that every loop is over vectors.
    const int64_t most = std::min(kBlock, job.cols);
    for (int i = 0; i < kInputs; i++) at_[i] = temporaries_[i];
    for (int i = 0; i < job.parameter_count; i++) {
      at_[kParameters + i] = repeated_[kParameters - kInputs + i];
      std::fill_n(at_[kParameters + i], most, job.parameters[i]);
    }
  }

  void Row(int64_t row, bool first) {
    for (int i = 0; i < job_.ins; i++)
      if (!job_.in[i].by_col && (first || job_.in[i].by_row)) {
        at_[kInputs + i] = repeated_[i];
        std::fill_n(repeated_[i], std::min(kBlock, job_.cols), job_.in[i].data[job_.in[i].by_row ? row * job_.in[i].ld : 0]);
      }
  }

  float*& out(int i) { return at_[kOutputs + i]; }
  const float* at(int place) const { return at_[place]; }

  void Run(int64_t row, int64_t col, int64_t n) { Run(row, col, n, job_.code, job_.instructions); }

  void Run(int64_t row, int64_t col, int64_t n, const int32_t* code, int instructions) {
    for (int i = 0; i < job_.ins; i++)
      if (job_.in[i].by_col)
        at_[kInputs + i] = const_cast<float*>(job_.in[i].data) + (job_.in[i].by_row ? row * job_.in[i].ld : 0) + col;
    // What comes next is brought as near as the second cache: every block begins new pages, of several matrices in turn, where
    // the CPU does not look ahead by itself. A few lines before each instruction, so that none waits. (A single instruction
    // reads all at once, and looks ahead well enough.)
    int stream = instructions > 1 ? 0 : streams_;
    for (int i = 0; i < instructions; i++, code += 5) {
      for (; stream < streams_ && stream < (i + 1) * streams_ / instructions; stream++) {
        const float* next = at_[stream_[stream].place] + stream_[stream].ahead;
        for (int64_t k = 0; k < n; k += 16) __builtin_prefetch(next + k, 0, 2);
      }
      Instruction(code[0], at_[code[1]], at_[code[2]], at_[code[3]], at_[code[4]], n);
    }
  }

 private:
  void Streams(int place, int64_t ld) {
    constexpr int64_t kAhead = 2048, kNarrow = 256;
    const int64_t cols = std::max<int64_t>(1, job_.cols);
    // Narrow rows, one after the other, are looked ahead for well enough, and are too short for more work before each.
    if (cols < kNarrow && job_.rows > 1) return;
    stream_[streams_++] = {place, cols >= kAhead || job_.rows == 1 ? kAhead : (kAhead + cols - 1) / cols * ld};
  }

  const MapJob& job_;
  // Operands that move on with the rows, and how far ahead of a block they are fetched.
  struct {
    int place;
    int64_t ahead;
  } stream_[kPlaces - kOutputs + kParameters - kInputs];
  int streams_ = 0;
  float* at_[kPlaces] = {};
  alignas(64) static thread_local float temporaries_[kInputs][kBlock];
  alignas(64) static thread_local float repeated_[kOutputs - kInputs][kBlock];
};

alignas(64) thread_local float Places::temporaries_[kInputs][kBlock];
alignas(64) thread_local float Places::repeated_[kOutputs - kInputs][kBlock];

void Map(const MapJob& job, int64_t begin, int64_t end) {
  Places places(job, true);
  for (int64_t row = begin; row < end; row++) {
    places.Row(row, row == begin);
    for (int64_t col = 0; col < job.cols; col += kBlock) {
      for (int i = 0; i < job.outs; i++) places.out(i) = job.out[i] + row * job.out_ld[i] + col;
      places.Run(row, col, std::min(kBlock, job.cols - col));
    }
  }
}

namespace {

// A program whose outputs are only added up: what it would merely copy to an output is added up where it lies.
struct SumProgram {
  explicit SumProgram(const MapJob& job) : code(job.code, job.code + 5 * job.instructions) {
    for (int o = 0; o < job.outs; o++) source[o] = Origin(kOutputs + o, o);
  }
  int instructions() const { return static_cast<int>(code.size() / 5); }

  std::vector<int32_t> code;
  int source[8];

 private:
  // Where an output's value comes from, without the copies that bring it to its place; the sources `before` are settled.
  int Origin(int place, int before) {
    for (;;) {
      size_t at = code.size();
      while (at > 0 && code[at - 4] != place) at -= 5;
      if (at == 0 || code[at - 5] != kCopy || std::find(source, source + before, place) != source + before) return place;
      const int from = code[at - 3];
      for (size_t i = at; i < code.size(); i += 5) {
        if (code[i + 1] == from) return place;
        for (int k = 2; k < 5; k++)
          if (code[i + k] == place) return place;
      }
      code.erase(code.begin() + at - 5, code.begin() + at);
      place = from;
    }
  }
};

}  // namespace

void MapSums(const MapJob& job, int64_t begin, int64_t end, double* sums) {
  constexpr int64_t kTall = 64, kStripe = 4096;
  alignas(64) static thread_local float part[8 * kStripe];
  alignas(64) static thread_local float values[8][kBlock];
  const SumProgram program(job);
  Places places(job, false);
  for (int i = 0; i < job.outs; i++) places.out(i) = values[i];
  for (int64_t stripe = 0; stripe < job.cols; stripe += kStripe) {
    const int64_t width = std::min(kStripe, job.cols - stripe);
    // Short float sums, added up in doubles, as in SumRows.
    for (int64_t top = begin; top < end; top += kTall) {
      std::fill_n(part, job.outs * width, 0.0f);
      for (int64_t row = top; row < std::min(top + kTall, end); row++) {
        places.Row(row, row == begin);
        for (int64_t col = 0; col < width; col += kBlock) {
          const int64_t n = std::min(kBlock, width - col);
          places.Run(row, stripe + col, n, program.code.data(), program.instructions());
          for (int o = 0; o < job.outs; o++) {
            float* sum = part + o * width + col;
            const float* value = places.at(program.source[o]);
#pragma GCC ivdep
            for (int64_t i = 0; i < n; i++) sum[i] += value[i];
          }
        }
      }
      for (int o = 0; o < job.outs; o++)
        for (int64_t i = 0; i < width; i++) sums[o * job.cols + stripe + i] += part[o * width + i];
    }
  }
}

}  // namespace JEBENA_SIMD
