#include "threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace jebena {
namespace {

inline void Relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

struct Loop {
  const std::function<void(int64_t, int64_t)>* body;
  int64_t count, part;
  std::atomic<int64_t> next{0};
  std::exception_ptr error;
  std::mutex error_mutex;

  void Work() {
    try {
      for (int64_t begin; (begin = next.fetch_add(part)) < count;) (*body)(begin, std::min(begin + part, count));
    } catch (...) {
      std::lock_guard<std::mutex> lock(error_mutex);
      error = std::current_exception();
    }
  }
};

class Crew {
 public:
  explicit Crew(int threads) : threads_(threads) {
    for (int i = 1; i < threads; i++) std::thread([this] { Serve(); }).detach();
  }
  int threads() const { return threads_; }

  void Share(Loop* loop) {
    std::unique_lock<std::mutex> busy(busy_, std::try_to_lock);
    if (!busy.owns_lock()) return loop->Work();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      loop_ = loop;
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    loop->Work();
    std::unique_lock<std::mutex> lock(mutex_);
    loop_ = nullptr;
    done_.wait(lock, [this] { return working_ == 0; });
  }

 private:
  void Serve() {
    for (uint64_t seen = 0;;) {
      // The next loop often follows within microseconds: a short look-out is cheaper than sleep and wake.
      for (int i = 0; i < 2000 && round_.load(std::memory_order_acquire) == seen; i++) Relax();
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return round_.load() != seen; });
      seen = round_.load();
      Loop* loop = loop_;
      if (!loop) continue;
      working_++;
      lock.unlock();
      loop->Work();
      lock.lock();
      if (--working_ == 0) done_.notify_one();
    }
  }
  const int threads_;
  std::mutex busy_, mutex_;
  std::condition_variable wake_, done_;
  std::atomic<uint64_t> round_{0};
  Loop* loop_ = nullptr;
  int working_ = 0;
};

Crew* crew = nullptr;
std::once_flag once;

}  // namespace

void SetThreads(int threads) {
  // Never ended: a worker of JavaScript may end while another uses it.
  std::call_once(once, [&] {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    crew = new Crew(threads > 0 ? threads : cores > 0 ? cores : 1);
  });
}

int Threads() {
  SetThreads(0);
  return crew->threads();
}

void ParallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  const int threads = Threads();
  if (count <= 0) return;
  if (threads == 1 || count <= grain) return body(0, count);
  // Two parts a thread: enough to even out, few enough to cost nothing.
  const int64_t even = (count + 2 * threads - 1) / (2 * threads);
  Loop loop;
  loop.body = &body;
  loop.count = count;
  loop.part = std::max(grain, even);
  crew->Share(&loop);
  if (loop.error) std::rethrow_exception(loop.error);
}

}  // namespace jebena
