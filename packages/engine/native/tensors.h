// Tensors by number: what JavaScript holds is an index into a table, so no handle waits for a garbage collector.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "buffers.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

namespace jebena {

// A tensor has a side in libtensorflow, a side in plain memory, or both; the other is made when it is asked for. In plain
// memory it may be a part of a larger matrix: row r starts at data + r * ld.
struct Slot {
  TFE_TensorHandle* handle = nullptr;
  Buffer* buffer = nullptr;
  float* data = nullptr;
  int64_t rows = 0, cols = 0, ld = 0;
  bool used = false;
  // The matrix as matmul's right-hand side wants it, plain and transposed; kept from its second use on.
  Buffer* packed[2] = {nullptr, nullptr};
  uint8_t uses[2] = {0, 0};

  bool dense() const { return ld == cols || rows <= 1; }
};

class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(status_); }
  Status(const Status&) = delete;
  operator TF_Status*() { return status_; }
  void Check() {
    if (TF_GetCode(status_) != TF_OK) throw std::runtime_error(TF_Message(status_));
  }

 private:
  TF_Status* status_;
};

class Table {
 public:
  ~Table() { Clear(); }
  void Clear();
  int32_t Add(TFE_TensorHandle* handle);
  // Takes over the buffer's reference.
  int32_t Add(Buffer* buffer, float* data, int64_t rows, int64_t cols, int64_t ld);
  // A new matrix in memory of its own.
  int32_t New(int64_t rows, int64_t cols);
  Slot& At(int32_t id);
  void Free(int32_t id);
  // libtensorflow's side of a tensor, once all that is to be written there is; shares the memory.
  TFE_TensorHandle* Handle(int32_t id);
  // The plain side, for tensors in the host's memory. What it is to hold may be under way yet.
  Slot& Host(int32_t id);
  // The same with its rows one after the other.
  Slot& Dense(int32_t id);
  // The plain side of a matrix that nothing else looks into, to be changed in place; null when there is such.
  Slot* Owned(int32_t id);

 private:
  Slot& Take(int32_t* id);
  std::vector<Slot> slots_;
  std::vector<int32_t> free_;
};

}  // namespace jebena
