#include "tensors.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

namespace jebena {
namespace {

// Freed blocks wait here by size for the next tensor of that size: a training step asks for the same sizes over and
// over, and fresh pages from the system would cost more than most operations.
class Pool {
 public:
  float* Take(size_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto& blocks = free_[bytes];
    if (!blocks.empty()) {
      float* block = blocks.back();
      blocks.pop_back();
      held_ -= bytes;
      return block;
    }
    void* block = Allocate(bytes);
    if (!block && held_ > 0) {
      Clear();
      block = Allocate(bytes);
    }
    if (!block) throw std::runtime_error("out of memory: no " + std::to_string(bytes) + " bytes for a tensor");
    return static_cast<float*>(block);
  }
  void Give(float* block, size_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (held_ + bytes > kMost) Clear();
    held_ += bytes;
    free_[bytes].push_back(block);
  }

 private:
  // Large matrices go to large pages, where the system gives them to those who ask: a walk down the rows then meets
  // few pages.
  static void* Allocate(size_t bytes) {
    void* block = std::aligned_alloc(bytes >= kLarge ? kPage : 64, bytes);
#if defined(MADV_HUGEPAGE)
    if (block && bytes >= kLarge) madvise(block, bytes, MADV_HUGEPAGE);
#endif
    return block;
  }
  void Clear() {
    for (auto& entry : free_)
      for (float* block : entry.second) std::free(block);
    free_.clear();
    held_ = 0;
  }
  static constexpr size_t kMost = size_t{4} << 30, kPage = size_t{2} << 20, kLarge = 2 * kPage;
  std::mutex mutex_;
  std::map<size_t, std::vector<float*>> free_;
  size_t held_ = 0;
};

Pool& ThePool() {
  static Pool* pool = new Pool;
  return *pool;
}

// Sizes in steps of an eighth of their power of two, at least a cache line.
size_t Round(size_t bytes) {
  size_t step = 64;
  while (step * 16 < bytes) step *= 2;
  if (bytes >= size_t{4} << 20) step = std::max(step, size_t{2} << 20);
  return bytes == 0 ? 64 : (bytes + step - 1) / step * step;
}

void Release(void*, size_t, void* buffer) { Unref(static_cast<Buffer*>(buffer)); }

}  // namespace

Buffer* NewBuffer(size_t floats) {
  Buffer* buffer = new Buffer;
  buffer->bytes = Round(floats * sizeof(float));
  buffer->data = ThePool().Take(buffer->bytes);
  return buffer;
}

void Unref(Buffer* buffer) {
  if (!buffer || --buffer->users > 0) return;
  if (buffer->owner)
    TF_DeleteTensor(buffer->owner);
  else
    ThePool().Give(buffer->data, buffer->bytes);
  delete buffer;
}

void Table::Clear() {
  for (size_t i = 0; i < slots_.size(); i++)
    if (slots_[i].used) Free(static_cast<int32_t>(i));
}

Slot& Table::Take(int32_t* id) {
  if (free_.empty()) {
    free_.push_back(static_cast<int32_t>(slots_.size()));
    slots_.emplace_back();
  }
  *id = free_.back();
  free_.pop_back();
  slots_[*id] = Slot{};
  slots_[*id].used = true;
  return slots_[*id];
}

int32_t Table::Add(TFE_TensorHandle* handle) {
  int32_t id;
  Take(&id).handle = handle;
  return id;
}

int32_t Table::Add(Buffer* buffer, float* data, int64_t rows, int64_t cols, int64_t ld) {
  int32_t id;
  Slot& slot = Take(&id);
  slot.buffer = buffer;
  slot.data = data;
  slot.rows = rows;
  slot.cols = cols;
  slot.ld = ld;
  return id;
}

int32_t Table::New(int64_t rows, int64_t cols) {
  Buffer* buffer = NewBuffer(rows * cols);
  return Add(buffer, buffer->data, rows, cols, cols);
}

Slot& Table::At(int32_t id) {
  if (id < 0 || static_cast<size_t>(id) >= slots_.size() || !slots_[id].used)
    throw std::runtime_error("no tensor has the number " + std::to_string(id));
  return slots_[id];
}

void Table::Free(int32_t id) {
  Slot& slot = At(id);
  if (slot.handle) TFE_DeleteTensorHandle(slot.handle);
  Unref(slot.buffer);
  for (Buffer* packed : slot.packed) Unref(packed);
  slot.used = false;
  free_.push_back(id);
}

TFE_TensorHandle* Table::Handle(int32_t id) {
  if (At(id).handle) return At(id).handle;
  Slot& slot = Dense(id);
  const int64_t dims[2] = {slot.rows, slot.cols};
  slot.buffer->users++;
  TF_Tensor* tensor =
      TF_NewTensor(TF_FLOAT, dims, 2, slot.data, sizeof(float) * slot.rows * slot.cols, Release, slot.buffer);
  Status status;
  slot.handle = TFE_NewTensorHandle(tensor, status);
  TF_DeleteTensor(tensor);
  status.Check();
  return slot.handle;
}

Slot& Table::Host(int32_t id) {
  Slot& slot = At(id);
  if (slot.data) return slot;
  Status status;
  TF_Tensor* tensor = TFE_TensorHandleResolve(slot.handle, status);
  status.Check();
  if (TF_TensorType(tensor) != TF_FLOAT || TF_NumDims(tensor) != 2) {
    TF_DeleteTensor(tensor);
    throw std::runtime_error("tensor " + std::to_string(id) + " is no matrix of floats");
  }
  slot.buffer = new Buffer;
  slot.buffer->owner = tensor;
  slot.data = slot.buffer->data = static_cast<float*>(TF_TensorData(tensor));
  slot.rows = TF_Dim(tensor, 0);
  slot.ld = slot.cols = TF_Dim(tensor, 1);
  return slot;
}

Slot& Table::Dense(int32_t id) {
  Slot& slot = Host(id);
  if (slot.dense()) return slot;
  Buffer* buffer = NewBuffer(slot.rows * slot.cols);
  for (int64_t r = 0; r < slot.rows; r++)
    std::memcpy(buffer->data + r * slot.cols, slot.data + r * slot.ld, sizeof(float) * slot.cols);
  Unref(slot.buffer);
  slot.buffer = buffer;
  slot.data = buffer->data;
  slot.ld = slot.cols;
  return slot;
}

Slot* Table::Owned(int32_t id) {
  Slot& slot = Host(id);
  // libtensorflow's own memory may be shared in ways that are not seen here.
  if (slot.buffer->owner) return nullptr;
  if (slot.handle) TFE_DeleteTensorHandle(slot.handle);
  slot.handle = nullptr;
  if (slot.buffer->users != 1) return nullptr;
  for (int i = 0; i < 2; i++) {
    Unref(slot.packed[i]);
    slot.packed[i] = nullptr;
    slot.uses[i] = 0;
  }
  return &slot;
}

}  // namespace jebena
