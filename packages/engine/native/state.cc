#include "state.h"

#include <sstream>

#include "tasks.h"

namespace jebena {

Operation ParseOperation(const std::string& name, const std::string& attributes) {
  Operation operation{name, {}};
  std::istringstream in(attributes);
  for (std::string word; in >> word;) {
    const size_t colon = word.find(':'), equals = word.find('=', colon);
    if (colon == std::string::npos || equals == std::string::npos)
      throw std::runtime_error("attribute: expected name:kind=value, found " + word);
    const std::string kind = word.substr(colon + 1, equals - colon - 1);
    const Attribute::Kind of = kind == "type"   ? Attribute::kType
                               : kind == "bool" ? Attribute::kBool
                                                : Attribute::kInt;
    operation.attributes.push_back({of, word.substr(0, colon), std::stoll(word.substr(equals + 1))});
  }
  return operation;
}

State::~State() {
  try {
    AwaitAll();
  } catch (const std::exception&) {
    // Nobody is left to hear of it.
  }
  table.Clear();  // before the context that the handles belong to
  if (context) TFE_DeleteContext(context);
}

State& State::Of(napi_env env) {
  void* state = nullptr;
  napi_get_instance_data(env, &state);
  return *static_cast<State*>(state);
}

TFE_Context* State::Context() {
  if (!context) throw std::runtime_error("the engine is not started");
  return context;
}

const Index& State::IndexAt(int32_t id) const {
  if (id < 0 || static_cast<size_t>(id) >= indexes.size() || !indexes[id])
    throw std::runtime_error("no index has the number " + std::to_string(id));
  return indexes[id];
}

int32_t State::ToDevice(int32_t id) {
  if (device.empty()) return id;
  Status status;
  TFE_TensorHandle* there = TFE_TensorHandleCopyToDevice(table.Handle(id), Context(), device.c_str(), status);
  table.Free(id);
  status.Check();
  return table.Add(there);
}

int32_t State::Run(int32_t number, const int32_t* inputs, size_t count) {
  const Operation& operation = operations.at(number);
  Status status;
  TFE_Op* op = TFE_NewOp(Context(), operation.name.c_str(), status);
  status.Check();
  TFE_TensorHandle* out[4];
  int outs = 4;
  try {
    if (!device.empty()) TFE_OpSetDevice(op, device.c_str(), status);
    for (const Attribute& a : operation.attributes) {
      if (a.kind == Attribute::kType) TFE_OpSetAttrType(op, a.name.c_str(), static_cast<TF_DataType>(a.value));
      if (a.kind == Attribute::kBool) TFE_OpSetAttrBool(op, a.name.c_str(), a.value != 0);
      if (a.kind == Attribute::kInt) TFE_OpSetAttrInt(op, a.name.c_str(), a.value);
    }
    for (size_t i = 0; i < count; i++) {
      TFE_OpAddInput(op, table.Handle(inputs[i]), status);
      status.Check();
    }
    TFE_Execute(op, out, &outs, status);
    status.Check();
  } catch (...) {
    TFE_DeleteOp(op);
    throw;
  }
  TFE_DeleteOp(op);
  for (int i = 1; i < outs; i++) TFE_DeleteTensorHandle(out[i]);
  return table.Add(out[0]);
}

}  // namespace jebena
