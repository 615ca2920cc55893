// Operations that are asked for now and done later. JavaScript hands one over and goes on; it is done once what it touches
// is ready: after the operations before it that write what it reads, or read or write what it writes, and no others. So
// JavaScript's own time is hidden, and small operations that have nothing to do with one another, as those of a
// recurrence's two directions, are done side by side. What comes out does not depend on who does what when.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "buffers.h"

namespace jebena {

using Buffers = std::vector<Buffer*>;

// cost: how many elements `work` passes over, roughly. With one thread it is done at once.
void Submit(const Buffers& reads, const Buffers& writes, int64_t cost, std::function<void()> work);

// Waits, and works meanwhile, until what was to be written to a buffer is; until all is done. What an operation threw
// since is thrown here.
void Await(const Buffer* buffer);
void AwaitAll();

// Whether tasks are still at work on a buffer whose last user is gone; the last of them releases it then.
bool Abandon(Buffer* buffer);

}  // namespace jebena
