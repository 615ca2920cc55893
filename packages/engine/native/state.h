// What one JavaScript environment (the main thread, or a worker) has of the engine.
#pragma once
#include <node_api.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tensors.h"

namespace jebena {

struct Attribute {
  enum Kind { kType, kBool, kInt } kind;
  std::string name;
  int64_t value;
};

struct Operation {
  std::string name;
  std::vector<Attribute> attributes;
};

// "T:type=1 transpose_a:bool=0 N:int=2"
Operation ParseOperation(const std::string& name, const std::string& attributes);

// Row numbers, for as long as an operation wants them.
using Index = std::shared_ptr<const std::vector<int32_t>>;

struct State {
  ~State();
  static State& Of(napi_env env);
  TFE_Context* Context();
  // Moves a new tensor to the device that computes, where that has its own memory.
  int32_t ToDevice(int32_t id);
  int32_t Run(int32_t operation, const int32_t* inputs, size_t count);

  TFE_Context* context = nullptr;
  std::string device;  // empty: the host's CPU
  const Index& IndexAt(int32_t id) const;

  std::vector<Operation> operations;
  std::vector<Index> indexes;  // by number; null: free
  std::vector<int32_t> free_indexes;
  Table table;
};

}  // namespace jebena
