#include "tasks.h"

#include <algorithm>
#include <exception>
#include <mutex>

#include "threads.h"

namespace jebena {

struct Task : Job {
  Buffers reads, writes;
  std::function<void()> work;
  int waits = 0;             // tasks that must be done before it, one for each reason
  std::vector<Task*> next;   // those that wait for it

  void Run() override;
};

namespace {

constexpr int64_t kMostAhead = 8192;  // tasks that JavaScript may be ahead

std::mutex mutex;  // of what follows, and of what buffers know of tasks
int64_t submitted = 0;
std::exception_ptr error;
std::atomic<int64_t> outstanding{0};

void ThrowError() {
  std::exception_ptr found;
  {
    std::lock_guard<std::mutex> lock(mutex);
    std::swap(found, error);
  }
  if (found) std::rethrow_exception(found);
}

// Counts the task in at the buffers that it touches; true where it waits for nobody.
bool Enter(Task* task) {
  std::lock_guard<std::mutex> lock(mutex);
  task->order = submitted++;
  const auto after = [task](Task* before) {
    if (!before || before == task) return;
    before->next.push_back(task);
    task->waits++;
  };
  for (Buffer* buffer : task->reads) {
    after(buffer->writer);
    buffer->readers.push_back(task);
    buffer->pending++;
  }
  for (Buffer* buffer : task->writes) {
    after(buffer->writer);
    for (Task* reader : buffer->readers) after(reader);
    buffer->readers.clear();
    buffer->writer = task;
    buffer->pending++;
  }
  return task->waits == 0;
}

// Counts it out again; what is ready now, and buffers that nobody wants any more.
void Leave(Task* task, std::vector<Task*>* ready, Buffers* abandoned) {
  std::lock_guard<std::mutex> lock(mutex);
  const auto left = [abandoned](Buffer* buffer) {
    if (--buffer->pending == 0 && buffer->abandoned) abandoned->push_back(buffer);
  };
  for (Buffer* buffer : task->reads) {
    auto& readers = buffer->readers;
    const auto at = std::find(readers.begin(), readers.end(), task);
    if (at != readers.end()) {
      *at = readers.back();
      readers.pop_back();
    }
    left(buffer);
  }
  for (Buffer* buffer : task->writes) {
    if (buffer->writer == task) buffer->writer = nullptr;
    left(buffer);
  }
  for (Task* other : task->next)
    if (--other->waits == 0) ready->push_back(other);
}

}  // namespace

void Task::Run() {
  try {
    work();
  } catch (...) {
    std::lock_guard<std::mutex> lock(mutex);
    if (!error) error = std::current_exception();
  }
  std::vector<Task*> ready;
  Buffers abandoned;
  Leave(this, &ready, &abandoned);
  for (Buffer* buffer : abandoned) Release(buffer);
  for (Task* task : ready) Push(task);
  delete this;
  outstanding--;
  Changed();
}

void Submit(const Buffers& reads, const Buffers& writes, int64_t cost, std::function<void()> work) {
  if (Threads() == 1) return work();
  Task* task = new Task;
  task->reads = reads;
  task->writes = writes;
  task->cost = cost;
  task->work = std::move(work);
  outstanding++;
  if (Enter(task)) Push(task);
  if (outstanding > kMostAhead) Help([] { return outstanding < kMostAhead / 2; });
}

void Await(const Buffer* buffer) {
  if (buffer->writer) Help([buffer] { return buffer->writer == nullptr; });
  ThrowError();
}

void AwaitAll() {
  if (outstanding > 0) Help([] { return outstanding == 0; });
  ThrowError();
}

bool Abandon(Buffer* buffer) {
  std::lock_guard<std::mutex> lock(mutex);
  return buffer->abandoned = !buffer->idle();
}

}  // namespace jebena
