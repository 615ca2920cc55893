// Memory that tensors look into, and who is at work on it.
#pragma once
#include <atomic>
#include <cstddef>
#include <vector>

#include "tensorflow/c/c_api.h"

namespace jebena {

struct Task;

// Freed with the last tensor that looks into it.
struct Buffer {
  float* data = nullptr;
  size_t bytes = 0;
  TF_Tensor* owner = nullptr;  // null: the memory is from the pool
  std::atomic<int> users{1};
  // Tasks that are not done yet (tasks.cc): the last one that writes, those that read since, and how many in all.
  std::atomic<Task*> writer{nullptr};
  std::vector<Task*> readers;
  std::atomic<int> pending{0};
  bool abandoned = false;  // the last user is gone, tasks are not

  bool idle() const { return pending.load(std::memory_order_acquire) == 0; }
};

// `idle`: no task may still be at work on it. Else one may be: what is submitted waits for it.
Buffer* NewBuffer(size_t floats, bool idle = false);
void Unref(Buffer* buffer);
// Ends one that libtensorflow's memory is behind.
void Release(Buffer* buffer);

}  // namespace jebena
