#include "tensors.h"

#include <cstring>

#include "tasks.h"

namespace jebena {
namespace {

void Forget(void*, size_t, void* buffer) { Unref(static_cast<Buffer*>(buffer)); }

}  // namespace

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
  if (At(id).handle) {
    if (At(id).buffer) Await(At(id).buffer);
    return At(id).handle;
  }
  Slot& slot = Dense(id);
  Await(slot.buffer);
  const int64_t dims[2] = {slot.rows, slot.cols};
  slot.buffer->users++;
  TF_Tensor* tensor =
      TF_NewTensor(TF_FLOAT, dims, 2, slot.data, sizeof(float) * slot.rows * slot.cols, Forget, slot.buffer);
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
  float* to = buffer->data;
  const float* from = slot.data;
  const int64_t rows = slot.rows, cols = slot.cols, ld = slot.ld;
  Submit({slot.buffer}, {buffer}, rows * cols, [=] {
    for (int64_t r = 0; r < rows; r++) std::memcpy(to + r * cols, from + r * ld, sizeof(float) * cols);
  });
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
