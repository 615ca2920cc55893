// Tensors by number: what JavaScript holds is an index into a table, so no handle waits for a garbage collector.
#pragma once
#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

namespace jebena {

// Memory that one or more tensors look into; freed with the last of them.
struct Buffer {
  float* data = nullptr;
  size_t bytes = 0;
  TF_Tensor* owner = nullptr;  // null: the memory is from the pool
  std::atomic<int> users{1};
};

Buffer* NewBuffer(size_t floats);
void Unref(Buffer* buffer);

// A tensor has a side in libtensorflow, a side in plain memory, or both; the other is made when it is asked for.
struct Slot {
  TFE_TensorHandle* handle = nullptr;
  Buffer* buffer = nullptr;
  float* data = nullptr;
  int64_t rows = 0, cols = 0;
  bool used = false;
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
  int32_t Add(Buffer* buffer, float* data, int64_t rows, int64_t cols);
  Slot& At(int32_t id);
  void Free(int32_t id);
  // libtensorflow's side of a tensor; shares the memory.
  TFE_TensorHandle* Handle(int32_t id);
  // The plain side, for tensors in the host's memory.
  Slot& Host(int32_t id);

 private:
  Slot& Take(int32_t* id);
  std::vector<Slot> slots_;
  std::vector<int32_t> free_;
};

}  // namespace jebena
