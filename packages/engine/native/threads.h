// A few threads that share loops. One loop at a time is shared; another thread's loop meanwhile runs where it is.
#pragma once
#include <cstdint>
#include <functional>

namespace jebena {

// Once, before the first loop; 0: one for each core.
void SetThreads(int threads);
int Threads();

// Calls body(begin, end) for parts of [0, count), each at least `grain` long but the last.
void ParallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

}  // namespace jebena
