// A few threads that do jobs, the one asked for first before the others, and share the loops within them. A thread of
// JavaScript is one of them while it waits.
#pragma once
#include <cstdint>
#include <functional>

namespace jebena {

// Once, before the first loop or job; 0: one for each core.
void SetThreads(int threads);
int Threads();

// Calls body(begin, end) for parts of [0, count), each at least `grain` long but the last.
void ParallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

// What can be done at any time, and is done once.
struct Job {
  virtual ~Job() = default;
  virtual void Run() = 0;
  int64_t order = 0, cost = 0;
};
void Push(Job* job);

// Does jobs until done() is true; done is asked again after every Changed().
void Help(const std::function<bool()>& done);
void Changed();

}  // namespace jebena
