#include "buffers.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

#include "tasks.h"

namespace jebena {
namespace {

// Freed blocks wait here by size for the next tensor of that size: a training step asks for the same sizes over and
// over, and fresh pages from the system would cost more than most operations. Tasks may still be at work on a block: who
// takes it waits for them. Small blocks are rather taken fresh than so, else steps of two recurrences, which have nothing to
// do with one another, would wait in turn.
class Pool {
 public:
  Buffer* Take(size_t bytes, bool idle) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto& blocks = free_[bytes];
    size_t at = blocks.size();
    // The last ones freed may still be in a cache.
    for (size_t i = 0; i < std::min<size_t>(4, blocks.size()) && at == blocks.size(); i++)
      if (blocks[blocks.size() - 1 - i]->idle()) at = blocks.size() - 1 - i;
    if (at == blocks.size() && !blocks.empty()) {
      const bool fresh = idle || (bytes < kLarge && small_ + bytes <= kMostSmall);
      if (blocks.front()->idle() || !fresh) at = 0;
    }
    if (at == blocks.size()) return Fresh(bytes);
    Buffer* block = blocks[at];
    blocks.erase(blocks.begin() + at);
    held_ -= bytes;
    return block;
  }
  void Give(Buffer* block) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (held_ + block->bytes > kMost) Clear();
    held_ += block->bytes;
    free_[block->bytes].push_back(block);
  }

 private:
  Buffer* Fresh(size_t bytes) {
    void* data = Allocate(bytes);
    if (!data && held_ > 0) {
      Clear();
      data = Allocate(bytes);
    }
    if (!data) throw std::runtime_error("out of memory: no " + std::to_string(bytes) + " bytes for a tensor");
    Buffer* block = new Buffer;
    block->bytes = bytes;
    block->data = static_cast<float*>(data);
    if (bytes < kLarge) small_ += bytes;
    return block;
  }
  // Large matrices go to large pages, where the system gives them to those who ask: a walk down the rows then meets
  // few pages.
  static void* Allocate(size_t bytes) {
    void* block = std::aligned_alloc(bytes >= kLarge ? kPage : 64, bytes);
#if defined(MADV_HUGEPAGE)
    if (block && bytes >= kLarge) madvise(block, bytes, MADV_HUGEPAGE);
#endif
    return block;
  }
  // Gives back to the system what no task is at work on.
  void Clear() {
    for (auto& entry : free_) {
      auto& blocks = entry.second;
      const auto busy = std::partition(blocks.begin(), blocks.end(), [](Buffer* block) { return !block->idle(); });
      for (auto i = busy; i != blocks.end(); i++) {
        held_ -= (*i)->bytes;
        if ((*i)->bytes < kLarge) small_ -= (*i)->bytes;
        std::free((*i)->data);
        delete *i;
      }
      blocks.erase(busy, blocks.end());
    }
  }
  static constexpr size_t kMost = size_t{4} << 30, kPage = size_t{2} << 20, kLarge = 2 * kPage;
  static constexpr size_t kMostSmall = size_t{256} << 20;
  std::mutex mutex_;
  std::map<size_t, std::deque<Buffer*>> free_;
  size_t held_ = 0;   // bytes in free_
  size_t small_ = 0;  // bytes of all small blocks, free and in use
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

}  // namespace

Buffer* NewBuffer(size_t floats, bool idle) {
  Buffer* buffer = ThePool().Take(Round(floats * sizeof(float)), idle);
  buffer->users = 1;
  return buffer;
}

void Unref(Buffer* buffer) {
  if (!buffer || --buffer->users > 0) return;
  if (!buffer->owner)
    ThePool().Give(buffer);
  else if (!Abandon(buffer))
    Release(buffer);
}

void Release(Buffer* buffer) {
  TF_DeleteTensor(buffer->owner);
  delete buffer;
}

}  // namespace jebena
