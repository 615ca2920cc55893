#include <algorithm>
#include <cstring>

#include "cpu.h"
#include "napi.h"
#include "state.h"
#include "tasks.h"
#include "threads.h"

namespace jebena {
namespace {

constexpr int64_t kGrain = 65536;  // floats to move that are worth a thread

int64_t GrainOf(int64_t cols) { return std::max<int64_t>(1, kGrain / std::max<int64_t>(1, cols)); }

// full(rows, cols, value)
napi_value Full(Args& args) {
  Table& table = State::Of(args.env).table;
  const int32_t id = table.New(args.Int(0), args.Int(1));
  const Slot y = table.At(id);
  const float value = static_cast<float>(args.Number(2));
  Submit({}, {y.buffer}, y.rows * y.cols, [=] { std::fill_n(y.data, y.rows * y.cols, value); });
  return args.Result(id);
}

// view(x, first row, rows, stride of rows, first column, columns): a part of a matrix, without copying.
napi_value View(Args& args) {
  Table& table = State::Of(args.env).table;
  const Slot x = table.Host(args.Int(0));
  const int64_t row = args.Int(1), rows = args.Int(2), stride = args.Int(3), col = args.Int(4), cols = args.Int(5);
  if (row < 0 || col < 0 || col + cols > x.cols || (rows > 0 && row + stride * (rows - 1) >= x.rows))
    throw std::runtime_error("view: beyond the matrix");
  x.buffer->users++;
  return args.Result(table.Add(x.buffer, x.data + row * x.ld + col, rows, cols, x.ld * stride));
}

// reshape(x, rows, cols)
napi_value Reshape(Args& args) {
  Table& table = State::Of(args.env).table;
  const Slot x = table.Dense(args.Int(0));
  const int64_t rows = args.Int(1), cols = args.Int(2);
  if (rows * cols != x.rows * x.cols) throw std::runtime_error("reshape: the sizes differ");
  x.buffer->users++;
  return args.Result(table.Add(x.buffer, x.data, rows, cols, cols));
}

void Copy(const Slot& x, float* to, int64_t ld) {
  ParallelFor(x.rows, GrainOf(x.cols), [&](int64_t begin, int64_t end) {
    if (ld == x.cols && x.dense()) {
      std::memcpy(to + begin * ld, x.data + begin * x.ld, sizeof(float) * (end - begin) * ld);
      return;
    }
    for (int64_t r = begin; r < end; r++) std::memcpy(to + r * ld, x.data + r * x.ld, sizeof(float) * x.cols);
  });
}

// concat(xs: Int32Array, columns side by side: boolean)
napi_value Concat(Args& args) {
  Table& table = State::Of(args.env).table;
  size_t count;
  const int32_t* ids = args.Ints(0, &count);
  const bool beside = args.Bool(1);
  std::vector<Slot> xs;
  Buffers reads;
  int64_t rows = 0, cols = 0;
  for (size_t i = 0; i < count; i++) {
    xs.push_back(table.Host(ids[i]));
    reads.push_back(xs[i].buffer);
    rows = beside ? xs[i].rows : rows + xs[i].rows;
    cols = beside ? cols + xs[i].cols : xs[i].cols;
  }
  const int32_t id = table.New(rows, cols);
  const Slot y = table.At(id);
  Submit(reads, {y.buffer}, rows * cols, [=] {
    float* to = y.data;
    for (const Slot& x : xs) {
      Copy(x, to, cols);
      to += beside ? x.cols : x.rows * cols;
    }
  });
  return args.Result(id);
}

napi_value Transpose(Args& args) {
  Table& table = State::Of(args.env).table;
  const Slot x = table.Host(args.Int(0));
  const int32_t id = table.New(x.cols, x.rows);
  const Slot y = table.At(id);
  constexpr int64_t kSide = 32;  // a square that stays in the first cache
  Submit({x.buffer}, {y.buffer}, 4 * x.rows * x.cols, [=] {
    ParallelFor((x.rows + kSide - 1) / kSide, GrainOf(x.cols * kSide), [&](int64_t begin, int64_t end) {
      for (int64_t top = begin * kSide; top < std::min(end * kSide, x.rows); top += kSide)
        for (int64_t left = 0; left < x.cols; left += kSide)
          for (int64_t c = left; c < std::min(left + kSide, x.cols); c++)
            for (int64_t r = top; r < std::min(top + kSide, x.rows); r++) y.data[c * x.rows + r] = x.data[r * x.ld + c];
    });
  });
  return args.Result(id);
}

// index(rows: Int32Array): a number for the operations below.
napi_value NewIndex(Args& args) {
  State& state = State::Of(args.env);
  size_t count;
  const int32_t* rows = args.Ints(0, &count);
  if (state.free_indexes.empty()) {
    state.free_indexes.push_back(static_cast<int32_t>(state.indexes.size()));
    state.indexes.emplace_back();
  }
  const int32_t id = state.free_indexes.back();
  state.free_indexes.pop_back();
  state.indexes[id] = std::make_shared<const std::vector<int32_t>>(rows, rows + count);
  return args.Result(id);
}

napi_value FreeIndex(Args& args) {
  State& state = State::Of(args.env);
  const int32_t id = args.Int(0);
  state.IndexAt(id);
  state.indexes[id] = nullptr;
  state.free_indexes.push_back(id);
  return nullptr;
}

// gather(x, index)
napi_value Gather(Args& args) {
  State& state = State::Of(args.env);
  const Slot x = state.table.Host(args.Int(0));
  const Index index = state.IndexAt(args.Int(1));
  const int64_t count = index->size();
  const int32_t id = state.table.New(count, x.cols);
  const Slot y = state.table.At(id);
  Submit({x.buffer}, {y.buffer}, count * x.cols, [=] {
    const int32_t* rows = index->data();
    ParallelFor(count, GrainOf(x.cols), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++)
        if (rows[i] < 0 || rows[i] >= x.rows)
          std::fill_n(y.data + i * x.cols, x.cols, 0.0f);
        else
          std::memcpy(y.data + i * x.cols, x.data + rows[i] * x.ld, sizeof(float) * x.cols);
    });
  });
  return args.Result(id);
}

// scatterAdd(x, index, count of rows)
napi_value ScatterAdd(Args& args) {
  State& state = State::Of(args.env);
  const Slot x = state.table.Host(args.Int(0));
  const Index index = state.IndexAt(args.Int(1));
  const int32_t id = state.table.New(args.Int(2), x.cols);
  const Slot y = state.table.At(id);
  // Threads take columns, not rows: rows that go to one place must be added one by one.
  Submit({x.buffer}, {y.buffer}, (x.rows + y.rows) * x.cols, [=] {
    const std::vector<int32_t>& rows = *index;
    ParallelFor(x.cols, GrainOf(x.rows + y.rows), [&](int64_t begin, int64_t end) {
      for (int64_t r = 0; r < y.rows; r++) std::fill(y.data + r * y.ld + begin, y.data + r * y.ld + end, 0.0f);
      for (size_t i = 0; i < rows.size(); i++) {
        if (rows[i] < 0 || rows[i] >= y.rows) continue;
        float* to = y.data + rows[i] * y.ld;
        const float* from = x.data + i * x.ld;
        for (int64_t c = begin; c < end; c++) to[c] += from[c];
      }
    });
  });
  return args.Result(id);
}

// pick(x, index of columns)
napi_value Pick(Args& args) {
  State& state = State::Of(args.env);
  const Slot x = state.table.Host(args.Int(0));
  const Index columns = state.IndexAt(args.Int(1));
  const int32_t id = state.table.New(x.rows, 1);
  const Slot y = state.table.At(id);
  Submit({x.buffer}, {y.buffer}, x.rows, [=] {
    for (int64_t r = 0; r < y.rows; r++) {
      const int32_t c = (*columns)[r];
      y.data[r] = c < 0 || c >= x.cols ? 0.0f : x.data[r * x.ld + c];
    }
  });
  return args.Result(id);
}

// spread(values, index of columns, count of columns)
napi_value Spread(Args& args) {
  State& state = State::Of(args.env);
  const Slot x = state.table.Host(args.Int(0));
  const Index columns = state.IndexAt(args.Int(1));
  const int32_t id = state.table.New(x.rows, args.Int(2));
  const Slot y = state.table.At(id);
  Submit({x.buffer}, {y.buffer}, y.rows * y.cols, [=] {
    ParallelFor(y.rows, GrainOf(y.cols), [&](int64_t begin, int64_t end) {
      std::fill(y.data + begin * y.ld, y.data + end * y.ld, 0.0f);
      for (int64_t r = begin; r < end; r++) {
        const int32_t c = (*columns)[r];
        if (c >= 0 && c < y.cols) y.data[r * y.ld + c] = x.data[r * x.ld];
      }
    });
  });
  return args.Result(id);
}

}  // namespace

void ExportLayout(napi_env env, napi_value exports) {
  Export<Full>(env, exports, "full");
  Export<View>(env, exports, "view");
  Export<Reshape>(env, exports, "reshape");
  Export<Concat>(env, exports, "concat");
  Export<Transpose>(env, exports, "transpose");
  Export<NewIndex>(env, exports, "index");
  Export<FreeIndex>(env, exports, "freeIndex");
  Export<Gather>(env, exports, "gather");
  Export<ScatterAdd>(env, exports, "scatterAdd");
  Export<Pick>(env, exports, "pick");
  Export<Spread>(env, exports, "spread");
}

}  // namespace jebena
