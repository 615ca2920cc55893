#include "threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <queue>
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
  std::atomic<int> working{0};
  std::exception_ptr error;
  std::mutex error_mutex;

  bool open() const { return next.load(std::memory_order_relaxed) < count; }
  void Work() {
    try {
      for (int64_t begin; (begin = next.fetch_add(part)) < count;) (*body)(begin, std::min(begin + part, count));
    } catch (...) {
      std::lock_guard<std::mutex> lock(error_mutex);
      error = std::current_exception();
    }
  }
};

struct Later {
  bool operator()(const Job* a, const Job* b) const { return a->order > b->order; }
};

class Crew {
 public:
  explicit Crew(int threads) : threads_(threads) {
    for (int i = 1; i < threads; i++) std::thread([this] { Serve(); }).detach();
  }
  int threads() const { return threads_; }

  void Push(Job* job) {
    std::lock_guard<std::mutex> lock(mutex_);
    ready_.push(job);
    waiting_ += job->cost;
    // A little work is sooner done by whoever asks for its result than by a thread that must be woken.
    if (waiting_ < kWorthWaking) return;
    events_++;
    if (asleep_ > 0) wake_.notify_one();
  }

  void Share(Loop* loop) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      loops_.push_back(loop);
      events_++;
      if (asleep_ > 0) wake_.notify_all();
    }
    loop->Work();
    std::unique_lock<std::mutex> lock(mutex_);
    loops_.erase(std::find(loops_.begin(), loops_.end(), loop));
    lock.unlock();
    for (int i = 0; i < kLookOut && loop->working.load(std::memory_order_acquire) > 0; i++) Relax();
    lock.lock();
    done_.wait(lock, [loop] { return loop->working == 0; });
  }

  void Help(const std::function<bool()>& done) {
    std::unique_lock<std::mutex> lock(mutex_);
    helpers_++;
    while (!done())
      if (!WorkOnce(lock)) Wait(lock);
    helpers_--;
  }

  void Changed() {
    if (helpers_ == 0) return;
    std::lock_guard<std::mutex> lock(mutex_);
    events_++;
    if (asleep_ > 0) wake_.notify_all();
  }

 private:
  void Serve() {
    for (std::unique_lock<std::mutex> lock(mutex_);;)
      if (!WorkOnce(lock)) Wait(lock);
  }

  // Jobs first: two threads at two jobs lose less than two at one.
  bool WorkOnce(std::unique_lock<std::mutex>& lock) {
    if (!ready_.empty()) {
      Job* job = ready_.top();
      ready_.pop();
      waiting_ -= job->cost;
      lock.unlock();
      job->Run();
      lock.lock();
      return true;
    }
    for (Loop* loop : loops_) {
      if (!loop->open()) continue;
      loop->working++;
      lock.unlock();
      loop->Work();
      lock.lock();
      if (--loop->working == 0) done_.notify_all();
      return true;
    }
    return false;
  }

  // The next job often follows within microseconds: a short look-out is cheaper than sleep and wake.
  void Wait(std::unique_lock<std::mutex>& lock) {
    const uint64_t seen = events_;
    lock.unlock();
    for (int i = 0; i < kLookOut && events_.load(std::memory_order_acquire) == seen; i++) Relax();
    lock.lock();
    asleep_++;
    wake_.wait(lock, [&] { return events_ != seen; });
    asleep_--;
  }

  static constexpr int kLookOut = 2000;
  static constexpr int64_t kWorthWaking = 32768;  // elements of a pass
  const int threads_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::priority_queue<Job*, std::vector<Job*>, Later> ready_;
  std::vector<Loop*> loops_;
  int64_t waiting_ = 0;  // what the jobs in ready_ cost
  int asleep_ = 0;
  std::atomic<int> helpers_{0};
  std::atomic<uint64_t> events_{0};
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

void Push(Job* job) { crew->Push(job); }
void Help(const std::function<bool()>& done) { crew->Help(done); }
void Changed() { crew->Changed(); }

}  // namespace jebena
