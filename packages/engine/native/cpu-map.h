// Elementwise programs as JavaScript hands them over.
#pragma once
#include "napi.h"
#include "simd.h"
#include "tasks.h"
#include "tensors.h"

namespace jebena {

// A thread is worth waking for this many elements of one pass.
constexpr int64_t kGrain = 16384;

// An elementwise job that outlives the call that asked for it.
struct HeldMap {
  MapJob job = {};
  std::vector<int32_t> code;
  float parameters[16];
  Buffers reads;
  // Whether it is a line, which repeats nothing: the whole matrix where all operands lie one row after the other.
  bool line = true;

  MapJob Job() const {
    MapJob held = job;
    held.code = code.data();
    held.parameters = parameters;
    return held;
  }
  int64_t cost() const { return job.rows * job.cols * std::max(1, job.instructions); }
};

// Reads program, parameters, inputs and sizes: the arguments 0, 1, 2, 4 and 5.
HeldMap ReadMap(Args& args, Table& table);

}  // namespace jebena
